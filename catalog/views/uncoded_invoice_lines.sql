-- Lines of suppliers' invoices that have no ledger account yet.
-- key: tenant_id, invoice_id, line_no
-- column product: of the line, if it is about one
SELECT
  l.tenant_id,
  l.invoice_id,
  l.line_no,
  i.number AS invoice_number,
  i.status AS invoice_status,
  i.invoice_date,
  s.name AS supplier_name,
  s.country AS supplier_country,
  p.name AS product,
  l.description,
  l.quantity,
  l.unit_price,
  l.amount
FROM supplier_invoice_line l
JOIN supplier_invoice i ON i.tenant_id = l.tenant_id AND i.id = l.invoice_id
JOIN supplier s ON s.tenant_id = i.tenant_id AND s.id = i.supplier_id
LEFT JOIN product p ON p.tenant_id = l.tenant_id AND p.id = l.product_id
WHERE l.account_code IS NULL
