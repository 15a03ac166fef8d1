-- A supplier who is not active was paid, after the supplier's last change.
-- title: {amount} paid to {supplier_name}, who is not active
-- severity: high
-- owner: treasury
-- remedy: Find out who released the payment; make the supplier active again only after a review.
-- key: tenant_id, payment_id
SELECT p.tenant_id, p.id AS payment_id, p.supplier_id, s.name AS supplier_name, p.invoice_id, p.amount, p.paid_at, p.created_by AS paid_by
FROM supplier_payment p
JOIN supplier s ON s.tenant_id = p.tenant_id AND s.id = p.supplier_id
WHERE NOT s.active AND p.status = 'posted' AND p.paid_at >= s.updated_at
