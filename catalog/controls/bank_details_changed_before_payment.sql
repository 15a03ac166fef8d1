-- A payment went to bank details that had been changed within the three days before.
-- title: {amount} paid to {supplier_name} at {iban}, changed by {iban_changed_by} at {iban_changed_at}
-- severity: critical
-- owner: treasury
-- remedy: Call the supplier at a number known before the change; stop the payment if they did not ask for it.
-- key: tenant_id, payment_id
SELECT p.tenant_id, p.id AS payment_id, p.supplier_id, s.name AS supplier_name, p.amount, p.iban, p.paid_at, p.created_by AS paid_by, s.iban_changed_at, s.iban_changed_by
FROM supplier_payment p
JOIN supplier s ON s.tenant_id = p.tenant_id AND s.id = p.supplier_id
WHERE p.status = 'posted' AND p.iban = s.iban AND s.iban_changed_at <= p.paid_at AND s.iban_changed_at > p.paid_at - INTERVAL '3' DAY
