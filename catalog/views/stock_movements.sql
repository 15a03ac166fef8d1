-- Everything that came into a warehouse or went out of it.
-- column quantity: above 0 came in, below 0 went out
-- column value: quantity at the movement's cost
SELECT
  m.tenant_id,
  m.id AS movement_id,
  m.moved_at,
  m.warehouse_id,
  w.code AS warehouse_code,
  m.product_id,
  p.sku,
  m.kind,
  CASE WHEN m.kind IN ('purchase_receipt', 'return_from_customer', 'adjustment_increase', 'transfer_in') THEN m.quantity ELSE -m.quantity END AS quantity,
  m.unit_cost,
  round(CASE WHEN m.kind IN ('purchase_receipt', 'return_from_customer', 'adjustment_increase', 'transfer_in') THEN m.quantity ELSE -m.quantity END * m.unit_cost, 2) AS value,
  m.document_type,
  m.document_id,
  m.transfer_id
FROM stock_movement m
JOIN warehouse w ON w.tenant_id = m.tenant_id AND w.id = m.warehouse_id
JOIN product p ON p.tenant_id = m.tenant_id AND p.id = m.product_id
