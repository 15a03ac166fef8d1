-- What customers paid, by month of the payment, and how long they took.
-- key: tenant_id, customer_id, month
-- column collected: posted payments
-- column reversed: payments that were taken back
-- column days_to_pay: from the invoice's date, on average over posted payments
SELECT
  p.tenant_id,
  p.customer_id,
  c.name AS customer_name,
  date_trunc('month', p.received_at)::date AS month,
  count(*) FILTER (WHERE p.status = 'posted') AS payments,
  coalesce(sum(p.amount) FILTER (WHERE p.status = 'posted'), 0) AS collected,
  coalesce(sum(p.amount) FILTER (WHERE p.status = 'reversed'), 0) AS reversed,
  round(avg(p.received_at::date - i.invoice_date) FILTER (WHERE p.status = 'posted'), 1) AS days_to_pay
FROM payment p
JOIN invoice i ON i.tenant_id = p.tenant_id AND i.id = p.invoice_id
JOIN customer c ON c.tenant_id = p.tenant_id AND c.id = p.customer_id
GROUP BY p.tenant_id, p.customer_id, c.name, date_trunc('month', p.received_at)::date
