-- More has left a warehouse than was in it.
-- title: Stock of {sku} in warehouse {warehouse_code} is {on_hand}
-- severity: high
-- owner: warehouse
-- remedy: Count the stock and correct it with an adjustment; look for a movement that was booked twice or to the wrong warehouse.
-- key: tenant_id, warehouse_id, product_id
SELECT s.tenant_id, s.warehouse_id, w.code AS warehouse_code, s.product_id, p.sku, s.on_hand, s.reserved
FROM stock_level s
JOIN warehouse w ON w.tenant_id = s.tenant_id AND w.id = s.warehouse_id
JOIN product p ON p.tenant_id = s.tenant_id AND p.id = s.product_id
WHERE s.on_hand < 0
