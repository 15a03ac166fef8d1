-- How far each purchase order is received.
-- key: tenant_id, order_id
-- column lines: number of order lines
-- column open_value: what is still to come, at order price
SELECT
  o.tenant_id,
  o.id AS order_id,
  o.number AS order_number,
  o.supplier_id,
  s.name AS supplier_name,
  o.status,
  o.order_date,
  o.expected_date,
  count(l.line_no) AS lines,
  coalesce(sum(l.quantity), 0) AS quantity,
  coalesce(sum(l.quantity_received), 0) AS quantity_received,
  coalesce(sum(l.quantity - l.quantity_received), 0) AS open_quantity,
  coalesce(sum(round((l.quantity - l.quantity_received) * l.unit_price, 2)), 0) AS open_value
FROM purchase_order o
JOIN supplier s ON s.tenant_id = o.tenant_id AND s.id = o.supplier_id
LEFT JOIN purchase_order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
GROUP BY o.tenant_id, o.id, o.number, o.supplier_id, s.name, o.status, o.order_date, o.expected_date
