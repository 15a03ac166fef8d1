-- Active products of which less is available, over all warehouses, than the point at which to reorder.
-- key: tenant_id, product_id
-- column available: on hand and not reserved
-- column on_order: ordered from suppliers and not received yet
-- column suggested: what to order to be back at the reorder point, at least the usual quantity
SELECT
  p.tenant_id,
  p.id AS product_id,
  p.sku,
  p.name AS product_name,
  coalesce(s.available, 0) AS available,
  coalesce(o.on_order, 0) AS on_order,
  p.reorder_point,
  p.reorder_quantity,
  greatest(p.reorder_quantity, p.reorder_point - coalesce(s.available, 0) - coalesce(o.on_order, 0)) AS suggested
FROM product p
LEFT JOIN (
  SELECT tenant_id, product_id, sum(on_hand - reserved) AS available
  FROM stock_level
  GROUP BY tenant_id, product_id
) s ON s.tenant_id = p.tenant_id AND s.product_id = p.id
LEFT JOIN (
  SELECT l.tenant_id, l.product_id, sum(l.quantity - l.quantity_received) AS on_order
  FROM purchase_order_line l
  JOIN purchase_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
  WHERE o.status IN ('submitted', 'confirmed', 'partially_received')
  GROUP BY l.tenant_id, l.product_id
) o ON o.tenant_id = p.tenant_id AND o.product_id = p.id
WHERE p.active AND coalesce(s.available, 0) < p.reorder_point
