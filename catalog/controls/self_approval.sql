-- A document was approved by the one who made it.
-- title: {made_by} approved their own {document_type} {document_number} over {total}
-- severity: high
-- owner: finance
-- remedy: Have a second person review the document; correct the approval rules of the ERP.
-- key: tenant_id, document_type, document_id
SELECT tenant_id, 'purchase_order' AS document_type, id AS document_id, number AS document_number, supplier_id, total, created_by AS made_by, approved_at
FROM purchase_order
WHERE approved_by = created_by AND status <> 'cancelled'
UNION ALL
SELECT tenant_id, 'supplier_invoice', id, number, supplier_id, total, created_by, approved_at
FROM supplier_invoice
WHERE approved_by = created_by AND status <> 'cancelled'
UNION ALL
SELECT tenant_id, 'supplier_payment', id, CAST(id AS text), supplier_id, amount, created_by, paid_at
FROM supplier_payment
WHERE approved_by = created_by AND status = 'posted'
