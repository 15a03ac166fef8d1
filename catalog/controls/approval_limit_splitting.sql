-- A buyer made several orders with one supplier on one day, each just below what one approval may cover, together above it.
-- title: {made_by} split {total} with supplier {supplier_id} into {orders} orders below {approval_limit}
-- severity: high
-- owner: purchasing
-- remedy: Have the orders approved together by somebody whose limit covers them.
-- key: tenant_id, supplier_id, made_by, order_date
SELECT o.tenant_id, o.supplier_id, o.created_by AS made_by, o.order_date, u.approval_limit, count(*) AS orders, sum(o.total) AS total
FROM purchase_order o
JOIN user_account u ON u.tenant_id = o.tenant_id AND u.user_name = o.created_by
WHERE o.status <> 'cancelled' AND o.total <= u.approval_limit AND o.total >= u.approval_limit * 0.8
GROUP BY o.tenant_id, o.supplier_id, o.created_by, o.order_date, u.approval_limit
HAVING count(*) > 1
