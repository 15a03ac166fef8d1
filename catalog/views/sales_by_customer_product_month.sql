-- What was invoiced to each customer, by product and month of the invoice.
-- key: tenant_id, customer_id, product_id, month
-- column revenue: net
-- column orders: different sales orders
SELECT
  i.tenant_id,
  i.customer_id,
  c.name AS customer_name,
  l.product_id,
  p.sku,
  date_trunc('month', i.invoice_date::timestamp)::date AS month,
  sum(l.quantity) AS quantity,
  sum(l.amount) AS revenue,
  count(DISTINCT i.order_id) AS orders
FROM invoice_line l
JOIN invoice i ON i.tenant_id = l.tenant_id AND i.id = l.invoice_id
JOIN customer c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id
JOIN product p ON p.tenant_id = l.tenant_id AND p.id = l.product_id
WHERE i.status NOT IN ('draft', 'cancelled')
GROUP BY i.tenant_id, i.customer_id, c.name, l.product_id, p.sku, date_trunc('month', i.invoice_date::timestamp)::date
