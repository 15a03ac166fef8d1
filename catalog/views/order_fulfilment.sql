-- How far each sales order is shipped.
-- key: tenant_id, order_id
-- column lines: number of order lines
SELECT
  o.tenant_id,
  o.id AS order_id,
  o.number AS order_number,
  o.customer_id,
  o.status,
  o.order_date,
  count(l.line_no) AS lines,
  coalesce(sum(l.quantity), 0) AS quantity,
  coalesce(sum(l.quantity_shipped), 0) AS quantity_shipped,
  coalesce(sum(l.quantity - l.quantity_shipped), 0) AS open_quantity
FROM sales_order o
LEFT JOIN sales_order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
GROUP BY o.tenant_id, o.id, o.number, o.customer_id, o.status, o.order_date
