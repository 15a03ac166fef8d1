-- What matters of each company at a glance: one row a company.
-- column customers: active ones
-- column products: active ones
-- column warehouses: active ones
-- column inventory_value: stock at weighted average cost
-- column sales_orders: all but drafts and cancelled ones
-- column sales_orders_pending: confirmed and not shipped yet
-- column sales_revenue: net, of invoices that were sent
-- column purchase_orders: all but drafts and cancelled ones
-- column purchase_orders_pending: with goods that have not come yet
-- column purchase_cost: of approved supplier invoices, net
-- column invoices_outstanding: number of invoices that are not paid in full
-- column receivables: what customers owe
-- column invoices_overdue: number of invoices that are marked as overdue
-- column overdue: what customers owe on them
-- column payables: what is owed to suppliers
SELECT
  t.tenant_id,
  t.name AS tenant_name,
  t.currency,
  coalesce(c.customers, 0) AS customers,
  coalesce(p.products, 0) AS products,
  coalesce(w.warehouses, 0) AS warehouses,
  coalesce(v.inventory_value, 0) AS inventory_value,
  coalesce(so.orders, 0) AS sales_orders,
  coalesce(so.pending, 0) AS sales_orders_pending,
  coalesce(i.revenue, 0) AS sales_revenue,
  coalesce(po.orders, 0) AS purchase_orders,
  coalesce(po.pending, 0) AS purchase_orders_pending,
  coalesce(si.cost, 0) AS purchase_cost,
  coalesce(i.outstanding, 0) AS invoices_outstanding,
  coalesce(i.receivables, 0) AS receivables,
  coalesce(i.overdue_invoices, 0) AS invoices_overdue,
  coalesce(i.overdue, 0) AS overdue,
  coalesce(si.payables, 0) AS payables
FROM tenant t
LEFT JOIN (SELECT tenant_id, count(*) AS customers FROM customer WHERE active GROUP BY tenant_id) c ON c.tenant_id = t.tenant_id
LEFT JOIN (SELECT tenant_id, count(*) AS products FROM product WHERE active GROUP BY tenant_id) p ON p.tenant_id = t.tenant_id
LEFT JOIN (SELECT tenant_id, count(*) AS warehouses FROM warehouse WHERE active GROUP BY tenant_id) w ON w.tenant_id = t.tenant_id
LEFT JOIN (
  SELECT tenant_id, sum(round(quantity * average_cost, 2)) AS inventory_value
  FROM (
    SELECT
      tenant_id,
      product_id,
      sum(moved) AS quantity,
      coalesce(weighted_average_cost(moved, unit_cost ORDER BY moved_at, id), 0) AS average_cost
    FROM (
      SELECT
        tenant_id,
        id,
        product_id,
        CASE WHEN kind IN ('purchase_receipt', 'return_from_customer', 'adjustment_increase') THEN quantity ELSE -quantity END AS moved,
        unit_cost,
        moved_at
      FROM stock_movement
      WHERE kind NOT IN ('transfer_in', 'transfer_out')
    ) m
    GROUP BY tenant_id, product_id
  ) x
  GROUP BY tenant_id
) v ON v.tenant_id = t.tenant_id
LEFT JOIN (
  SELECT tenant_id, count(*) AS orders, count(*) FILTER (WHERE status IN ('confirmed', 'picking', 'packed')) AS pending
  FROM sales_order
  WHERE status NOT IN ('draft', 'cancelled')
  GROUP BY tenant_id
) so ON so.tenant_id = t.tenant_id
LEFT JOIN (
  SELECT tenant_id, count(*) AS orders, count(*) FILTER (WHERE status <> 'received') AS pending
  FROM purchase_order
  WHERE status NOT IN ('draft', 'cancelled')
  GROUP BY tenant_id
) po ON po.tenant_id = t.tenant_id
LEFT JOIN (
  SELECT
    tenant_id,
    sum(net) AS revenue,
    count(*) FILTER (WHERE status IN ('sent', 'partially_paid', 'overdue')) AS outstanding,
    sum(total - amount_paid - amount_credited) FILTER (WHERE status IN ('sent', 'partially_paid', 'overdue')) AS receivables,
    count(*) FILTER (WHERE status = 'overdue') AS overdue_invoices,
    sum(total - amount_paid - amount_credited) FILTER (WHERE status = 'overdue') AS overdue
  FROM invoice
  WHERE status NOT IN ('draft', 'cancelled')
  GROUP BY tenant_id
) i ON i.tenant_id = t.tenant_id
LEFT JOIN (
  SELECT tenant_id, sum(net) AS cost, sum(total - amount_paid) AS payables
  FROM supplier_invoice
  WHERE status IN ('approved', 'partially_paid', 'paid')
  GROUP BY tenant_id
) si ON si.tenant_id = t.tenant_id
