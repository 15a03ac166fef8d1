-- An invoice's net amount is not the sum of its lines, or its total is not net and tax.
-- title: Invoice {invoice_number}: net {net}, lines {lines_net}, tax {tax}, total {total}
-- severity: high
-- owner: accounting
-- remedy: Cancel the invoice and send a right one.
-- key: tenant_id, invoice_id
SELECT i.tenant_id, i.id AS invoice_id, i.number AS invoice_number, i.customer_id, i.status, i.net, coalesce(l.lines_net, 0) AS lines_net, i.tax, i.total
FROM invoice i
LEFT JOIN (SELECT tenant_id, invoice_id, sum(amount) AS lines_net FROM invoice_line GROUP BY tenant_id, invoice_id) l
  ON l.tenant_id = i.tenant_id AND l.invoice_id = i.id
WHERE i.status <> 'cancelled' AND (i.net <> coalesce(l.lines_net, 0) OR i.total <> i.net + i.tax)
