-- What was ordered from each supplier, by month of the order, and how much of it has come.
-- key: tenant_id, supplier_id, month
-- column ordered: value at order price
-- column received: value at order price
SELECT
  o.tenant_id,
  o.supplier_id,
  s.name AS supplier_name,
  date_trunc('month', o.order_date::timestamp)::date AS month,
  count(DISTINCT o.id) AS orders,
  sum(l.amount) AS ordered,
  sum(round(l.quantity_received * l.unit_price, 2)) AS received
FROM purchase_order o
JOIN purchase_order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
JOIN supplier s ON s.tenant_id = o.tenant_id AND s.id = o.supplier_id
WHERE o.status NOT IN ('draft', 'cancelled')
GROUP BY o.tenant_id, o.supplier_id, s.name, date_trunc('month', o.order_date::timestamp)::date
