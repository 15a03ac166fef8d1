-- More was paid on a supplier's invoice than it asks for.
-- title: Invoice {invoice_number} over {total} was paid {payments} times, {paid} in all
-- severity: critical
-- owner: treasury
-- remedy: Stop the last payment at the bank, or claim it back from the supplier.
-- key: tenant_id, invoice_id
SELECT i.tenant_id, i.id AS invoice_id, i.number AS invoice_number, i.supplier_id, i.total, count(*) AS payments, sum(p.amount) AS paid, max(p.paid_at) AS last_paid_at
FROM supplier_invoice i
JOIN supplier_payment p ON p.tenant_id = i.tenant_id AND p.invoice_id = i.id
WHERE p.status = 'posted'
GROUP BY i.tenant_id, i.id, i.number, i.supplier_id, i.total
HAVING count(*) > 1 AND sum(p.amount) > i.total
