-- Invoices that customers have not paid in full and that were due before today (UTC). It changes with the day, too.
-- column open: total less what is paid and credited
-- column days_overdue: since the due date
SELECT
  i.tenant_id,
  i.id AS invoice_id,
  i.number AS invoice_number,
  i.customer_id,
  c.name AS customer_name,
  i.due_date,
  i.total - i.amount_paid - i.amount_credited AS open,
  clock.today - i.due_date AS days_overdue
FROM invoice i
JOIN customer c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id
JOIN clock ON i.due_date < clock.today
WHERE i.status IN ('sent', 'partially_paid', 'overdue')
  AND i.total - i.amount_paid - i.amount_credited <> 0
