-- A line of a supplier's invoice asks for more than was received, or a higher price than was ordered (more than 2 %).
-- title: Invoice {invoice_number}: {invoiced} of {received} received at {invoice_price}, ordered at {order_price}
-- severity: high
-- owner: purchasing
-- remedy: Ask the supplier for a credit note, or have the difference approved before the invoice is paid.
-- key: tenant_id, invoice_id, line_no
SELECT i.tenant_id, i.id AS invoice_id, l.line_no, i.number AS invoice_number, i.supplier_id, i.order_id, l.product_id, i.status,
  l.quantity AS invoiced, o.quantity_received AS received, l.unit_price AS invoice_price, o.unit_price AS order_price
FROM supplier_invoice i
JOIN supplier_invoice_line l ON l.tenant_id = i.tenant_id AND l.invoice_id = i.id
JOIN purchase_order_line o ON o.tenant_id = i.tenant_id AND o.order_id = i.order_id AND o.line_no = l.order_line_no
WHERE i.status <> 'cancelled' AND (l.unit_price > o.unit_price * 1.02 OR l.quantity > o.quantity_received)
