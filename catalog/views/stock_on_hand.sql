-- What each warehouse holds of each product.
-- column reserved: for confirmed sales orders that are not shipped yet
-- column available: on hand and not reserved
SELECT
  s.tenant_id,
  s.warehouse_id,
  w.code AS warehouse_code,
  s.product_id,
  p.sku,
  s.on_hand,
  s.reserved,
  s.on_hand - s.reserved AS available
FROM stock_level s
JOIN warehouse w ON w.tenant_id = s.tenant_id AND w.id = s.warehouse_id
JOIN product p ON p.tenant_id = s.tenant_id AND p.id = s.product_id
