-- A sales order gives more than 15 % off.
-- title: {made_by} gave {discount_percent} % on order {order_number}, line {line_no}
-- severity: low
-- owner: sales
-- remedy: Have the discount approved, or correct the order before it is invoiced.
-- key: tenant_id, order_id, line_no
SELECT o.tenant_id, o.id AS order_id, l.line_no, o.number AS order_number, o.customer_id, o.created_by AS made_by, l.product_id, l.unit_price, l.discount_percent, l.amount
FROM sales_order o
JOIN sales_order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
WHERE o.status <> 'cancelled' AND l.discount_percent > 15
