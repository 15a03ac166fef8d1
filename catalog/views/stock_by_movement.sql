-- What came into each warehouse less what went out, by product: equals stock_on_hand at every moment.
-- column moved_in: receipts, returns from customers, increases, transfers in
-- column moved_out: sales, returns to suppliers, decreases, transfers out
SELECT
  tenant_id,
  warehouse_id,
  product_id,
  coalesce(sum(quantity) FILTER (WHERE kind IN ('purchase_receipt', 'return_from_customer', 'adjustment_increase', 'transfer_in')), 0) AS moved_in,
  coalesce(sum(quantity) FILTER (WHERE kind IN ('sale', 'return_to_supplier', 'adjustment_decrease', 'transfer_out')), 0) AS moved_out,
  count(*) AS movements
FROM stock_movement
GROUP BY tenant_id, warehouse_id, product_id
