-- The stock level is not what its movements add up to.
-- title: Stock of {sku} in warehouse {warehouse_code} is {on_hand}, its movements say {moved}
-- severity: high
-- owner: warehouse
-- remedy: Find the change of the stock level that has no movement; book the movement, or correct the level.
-- key: tenant_id, warehouse_id, product_id
-- column moved: sum of the movements, with the sign of their kind
SELECT s.tenant_id, s.warehouse_id, w.code AS warehouse_code, s.product_id, p.sku, s.on_hand, coalesce(m.moved, 0) AS moved
FROM stock_level s
JOIN warehouse w ON w.tenant_id = s.tenant_id AND w.id = s.warehouse_id
JOIN product p ON p.tenant_id = s.tenant_id AND p.id = s.product_id
LEFT JOIN (
  SELECT tenant_id, warehouse_id, product_id,
    sum(CASE WHEN kind IN ('purchase_receipt', 'adjustment_increase', 'transfer_in', 'return_from_customer') THEN quantity ELSE -quantity END) AS moved
  FROM stock_movement
  GROUP BY tenant_id, warehouse_id, product_id
) m ON m.tenant_id = s.tenant_id AND m.warehouse_id = s.warehouse_id AND m.product_id = s.product_id
WHERE s.on_hand <> coalesce(m.moved, 0)
