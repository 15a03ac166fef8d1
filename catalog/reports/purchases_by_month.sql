-- What was ordered from suppliers in each month, and how much of it has come.
SELECT tenant_id, month, sum(orders) AS orders, sum(ordered) AS ordered, sum(received) AS received
FROM purchases_by_supplier
GROUP BY tenant_id, month
