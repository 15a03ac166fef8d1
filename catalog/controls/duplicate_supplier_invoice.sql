-- Two invoices of one supplier have the same number, but for case, blanks and signs.
-- title: Supplier {supplier_name} invoiced {invoice_number} again as {again_number}, {again_total}
-- severity: high
-- owner: accounting
-- remedy: Cancel the second invoice, or have the supplier confirm that there are two.
-- key: tenant_id, invoice_id, again_id
SELECT a.tenant_id, a.id AS invoice_id, a.number AS invoice_number, a.total, b.id AS again_id, b.number AS again_number, b.total AS again_total,
  a.supplier_id, s.name AS supplier_name, b.created_by AS entered_by
FROM supplier_invoice a
JOIN supplier_invoice b ON b.tenant_id = a.tenant_id AND b.supplier_id = a.supplier_id
  AND upper(replace(replace(replace(b.number, ' ', ''), '-', ''), '/', '')) = upper(replace(replace(replace(a.number, ' ', ''), '-', ''), '/', ''))
JOIN supplier s ON s.tenant_id = a.tenant_id AND s.id = a.supplier_id
WHERE a.id < b.id AND a.status <> 'cancelled' AND b.status <> 'cancelled'
