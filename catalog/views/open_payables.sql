-- Invoices of suppliers that are approved and not paid in full.
-- column open: total less what is paid
SELECT
  i.tenant_id,
  i.id AS supplier_invoice_id,
  i.number AS invoice_number,
  i.supplier_id,
  s.name AS supplier_name,
  i.invoice_date,
  i.due_date,
  i.total,
  i.amount_paid AS paid,
  i.total - i.amount_paid AS open
FROM supplier_invoice i
JOIN supplier s ON s.tenant_id = i.tenant_id AND s.id = i.supplier_id
WHERE i.status IN ('approved', 'partially_paid')
  AND i.total - i.amount_paid <> 0
