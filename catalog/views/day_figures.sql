-- What happened on each day that is over: one row a company and day.
-- key: tenant_id, day
-- column sales_orders: but drafts and cancelled ones
-- column ordered: value of these
-- column invoiced: net, of invoices that were sent
-- column received: what customers paid
-- column purchase_orders: but drafts and cancelled ones
-- column purchased: value of these
-- column billed: net, of suppliers' invoices but disputed and cancelled ones
-- column paid: to suppliers
SELECT f.tenant_id, f.day, f.sales_orders, f.ordered, f.invoices, f.invoiced, f.payments, f.received,
  f.purchase_orders, f.purchased, f.bills, f.billed, f.supplier_payments, f.paid
FROM (
  SELECT
    tenant_id,
    day,
    count(*) FILTER (WHERE kind = 'sales_order') AS sales_orders,
    coalesce(sum(amount) FILTER (WHERE kind = 'sales_order'), 0) AS ordered,
    count(*) FILTER (WHERE kind = 'invoice') AS invoices,
    coalesce(sum(amount) FILTER (WHERE kind = 'invoice'), 0) AS invoiced,
    count(*) FILTER (WHERE kind = 'payment') AS payments,
    coalesce(sum(amount) FILTER (WHERE kind = 'payment'), 0) AS received,
    count(*) FILTER (WHERE kind = 'purchase_order') AS purchase_orders,
    coalesce(sum(amount) FILTER (WHERE kind = 'purchase_order'), 0) AS purchased,
    count(*) FILTER (WHERE kind = 'bill') AS bills,
    coalesce(sum(amount) FILTER (WHERE kind = 'bill'), 0) AS billed,
    count(*) FILTER (WHERE kind = 'supplier_payment') AS supplier_payments,
    coalesce(sum(amount) FILTER (WHERE kind = 'supplier_payment'), 0) AS paid
  FROM (
    SELECT tenant_id, order_date AS day, 'sales_order' AS kind, total AS amount
    FROM sales_order WHERE status NOT IN ('draft', 'cancelled')
    UNION ALL
    SELECT tenant_id, invoice_date AS day, 'invoice' AS kind, net AS amount
    FROM invoice WHERE status NOT IN ('draft', 'cancelled')
    UNION ALL
    SELECT tenant_id, CAST(timezone('UTC', received_at) AS date) AS day, 'payment' AS kind, amount
    FROM payment WHERE status = 'posted'
    UNION ALL
    SELECT tenant_id, order_date AS day, 'purchase_order' AS kind, total AS amount
    FROM purchase_order WHERE status NOT IN ('draft', 'cancelled')
    UNION ALL
    SELECT tenant_id, invoice_date AS day, 'bill' AS kind, net AS amount
    FROM supplier_invoice WHERE status NOT IN ('draft', 'disputed', 'cancelled')
    UNION ALL
    SELECT tenant_id, CAST(timezone('UTC', paid_at) AS date) AS day, 'supplier_payment' AS kind, amount
    FROM supplier_payment WHERE status = 'posted'
  ) e
  GROUP BY tenant_id, day
) f
JOIN clock c ON f.day < c.today
