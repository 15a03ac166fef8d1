-- What the stock of each product is worth at weighted average cost, over all warehouses. Transfers do not count: they change
-- where it is, not what it cost.
-- key: tenant_id, product_id
-- column average_cost: of a unit, as the movements left it
-- column value: quantity at average cost
SELECT
  v.tenant_id,
  v.product_id,
  p.sku,
  p.name AS product_name,
  p.category,
  v.quantity,
  v.average_cost,
  round(v.quantity * v.average_cost, 2) AS value
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
) v
JOIN product p ON p.tenant_id = v.tenant_id AND p.id = v.product_id
