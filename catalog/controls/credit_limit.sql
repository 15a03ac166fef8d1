-- A customer owes more than their credit limit.
-- title: {customer_name} owes {owed}, the limit is {credit_limit}
-- severity: medium
-- owner: sales
-- remedy: Stop deliveries until a payment arrives, or have the limit raised.
-- key: tenant_id, customer_id
SELECT c.tenant_id, c.id AS customer_id, c.name AS customer_name, c.credit_limit, sum(i.total - i.amount_paid - i.amount_credited) AS owed, count(*) AS invoices
FROM customer c
JOIN invoice i ON i.tenant_id = c.tenant_id AND i.customer_id = c.id
WHERE i.status IN ('sent', 'partially_paid', 'overdue')
GROUP BY c.tenant_id, c.id, c.name, c.credit_limit
HAVING sum(i.total - i.amount_paid - i.amount_credited) > c.credit_limit
