-- Invoices that customers have not paid in full.
-- column open: total less what is paid and credited
SELECT
  i.tenant_id,
  i.id AS invoice_id,
  i.number AS invoice_number,
  i.customer_id,
  c.name AS customer_name,
  i.invoice_date,
  i.due_date,
  i.total,
  i.amount_paid AS paid,
  i.amount_credited AS credited,
  i.total - i.amount_paid - i.amount_credited AS open
FROM invoice i
JOIN customer c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id
WHERE i.status IN ('sent', 'partially_paid', 'overdue')
  AND i.total - i.amount_paid - i.amount_credited <> 0
