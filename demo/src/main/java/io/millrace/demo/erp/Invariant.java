package io.millrace.demo.erp;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What is true after every commit: a query that finds nothing. */
public enum Invariant {
    ENTRIES_BALANCE("""
            SELECT tenant_id, entry_id, sum(debit), sum(credit) FROM journal_entry_line
            GROUP BY tenant_id, entry_id HAVING sum(debit) <> sum(credit)"""),
    STOCK_IS_THE_SUM_OF_ITS_MOVEMENTS("""
            SELECT s.tenant_id, s.warehouse_id, s.product_id, s.on_hand, m.moved
            FROM stock_level s LEFT JOIN (
              SELECT tenant_id, warehouse_id, product_id, sum(CASE
                  WHEN kind IN ('purchase_receipt', 'adjustment_increase', 'transfer_in', 'return_from_customer') THEN quantity
                  ELSE -quantity END) AS moved
              FROM stock_movement GROUP BY tenant_id, warehouse_id, product_id) m USING (tenant_id, warehouse_id, product_id)
            WHERE s.on_hand <> coalesce(m.moved, 0) OR s.on_hand < 0 OR s.reserved < 0"""),
    RESERVED_IS_WHAT_OPEN_ORDERS_RESERVE("""
            SELECT s.tenant_id, s.warehouse_id, s.product_id, s.reserved, r.reserved
            FROM stock_level s LEFT JOIN (
              SELECT o.tenant_id, o.warehouse_id, l.product_id, sum(l.quantity_reserved) AS reserved
              FROM sales_order o JOIN sales_order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
              WHERE o.status IN ('confirmed', 'picking', 'packed')
              GROUP BY o.tenant_id, o.warehouse_id, l.product_id) r USING (tenant_id, warehouse_id, product_id)
            WHERE s.reserved <> coalesce(r.reserved, 0)"""),
    TRANSFERS_LOSE_NOTHING("""
            SELECT tenant_id, transfer_id FROM stock_movement WHERE transfer_id IS NOT NULL
            GROUP BY tenant_id, transfer_id
            HAVING sum(CASE kind WHEN 'transfer_in' THEN quantity ELSE -quantity END) <> 0"""),
    SALES_ORDERS_ADD_UP("""
            SELECT o.tenant_id, o.id, o.total, l.total
            FROM sales_order o LEFT JOIN (
              SELECT tenant_id, order_id, sum(amount) AS total FROM sales_order_line GROUP BY tenant_id, order_id) l
              ON l.tenant_id = o.tenant_id AND l.order_id = o.id
            WHERE o.total <> coalesce(l.total, 0)"""),
    PURCHASE_ORDERS_ADD_UP("""
            SELECT o.tenant_id, o.id, o.total, l.total
            FROM purchase_order o LEFT JOIN (
              SELECT tenant_id, order_id, sum(amount) AS total FROM purchase_order_line GROUP BY tenant_id, order_id) l
              ON l.tenant_id = o.tenant_id AND l.order_id = o.id
            WHERE o.total <> coalesce(l.total, 0)"""),
    INVOICES_ADD_UP("""
            SELECT i.tenant_id, i.id, i.net, l.net, i.amount_paid, p.paid
            FROM invoice i LEFT JOIN (
              SELECT tenant_id, invoice_id, sum(amount) AS net FROM invoice_line GROUP BY tenant_id, invoice_id) l
              ON l.tenant_id = i.tenant_id AND l.invoice_id = i.id
            LEFT JOIN (
              SELECT tenant_id, invoice_id, sum(amount) AS paid FROM payment WHERE status = 'posted'
              GROUP BY tenant_id, invoice_id) p ON p.tenant_id = i.tenant_id AND p.invoice_id = i.id
            WHERE i.net <> coalesce(l.net, 0) OR i.total <> i.net + i.tax OR i.amount_paid <> coalesce(p.paid, 0)"""),
    SUPPLIER_INVOICES_ADD_UP("""
            SELECT i.tenant_id, i.id, i.net, l.net, i.amount_paid, p.paid
            FROM supplier_invoice i LEFT JOIN (
              SELECT tenant_id, invoice_id, sum(amount) AS net FROM supplier_invoice_line GROUP BY tenant_id, invoice_id) l
              ON l.tenant_id = i.tenant_id AND l.invoice_id = i.id
            LEFT JOIN (
              SELECT tenant_id, invoice_id, sum(amount) AS paid FROM supplier_payment WHERE status = 'posted'
              GROUP BY tenant_id, invoice_id) p ON p.tenant_id = i.tenant_id AND p.invoice_id = i.id
            WHERE i.net <> coalesce(l.net, 0) OR i.total <> i.net + i.tax OR i.amount_paid <> coalesce(p.paid, 0)"""),
    RECEIVED_IS_WHAT_MOVED("""
            SELECT l.tenant_id, l.order_id, l.line_no, l.quantity_received, m.moved
            FROM purchase_order_line l LEFT JOIN (
              SELECT tenant_id, document_id, document_line_no,
                sum(CASE kind WHEN 'purchase_receipt' THEN quantity ELSE -quantity END) AS moved
              FROM stock_movement WHERE document_type = 'purchase_order'
              GROUP BY tenant_id, document_id, document_line_no) m
              ON m.tenant_id = l.tenant_id AND m.document_id = l.order_id AND m.document_line_no = l.line_no
            WHERE l.quantity_received <> coalesce(m.moved, 0)"""),
    RECEIVABLES_AGREE_WITH_THE_LEDGER("""
            SELECT t.tenant_id, i.open, l.balance
            FROM tenant t
            LEFT JOIN (SELECT tenant_id, sum(total - amount_paid - amount_credited) AS open FROM invoice
              WHERE status NOT IN ('draft', 'cancelled') GROUP BY tenant_id) i ON i.tenant_id = t.tenant_id
            LEFT JOIN (SELECT tenant_id, sum(debit - credit) AS balance FROM journal_entry_line WHERE account_code = '1100'
              GROUP BY tenant_id) l ON l.tenant_id = t.tenant_id
            WHERE coalesce(i.open, 0) <> coalesce(l.balance, 0)"""),
    INVENTORY_AGREES_WITH_THE_LEDGER("""
            SELECT t.tenant_id, m.value, l.balance
            FROM tenant t
            LEFT JOIN (SELECT tenant_id, sum(round(quantity * unit_cost, 2) * CASE
                  WHEN kind IN ('purchase_receipt', 'adjustment_increase', 'transfer_in', 'return_from_customer') THEN 1
                  ELSE -1 END) AS value
              FROM stock_movement GROUP BY tenant_id) m ON m.tenant_id = t.tenant_id
            LEFT JOIN (SELECT tenant_id, sum(debit - credit) AS balance FROM journal_entry_line WHERE account_code = '1200'
              GROUP BY tenant_id) l ON l.tenant_id = t.tenant_id
            WHERE coalesce(m.value, 0) <> coalesce(l.balance, 0)""");

    private final String violations;

    Invariant(String violations) {
        this.violations = violations;
    }

    /** A query for the rows that violate it. */
    public String violations() {
        return violations;
    }

    /** The violations of all invariants in this database, as the connection sees it, each as a line of text; at most ten of each. */
    public static List<String> violations(Connection erp) throws SQLException {
        List<String> found = new ArrayList<>();
        for (Invariant invariant : values()) {
            try (Statement statement = erp.createStatement();
                    ResultSet rows =
                            statement.executeQuery("SELECT v::text FROM (" + invariant.violations + ") v LIMIT 10")) {
                while (rows.next()) {
                    found.add(invariant + ": " + rows.getString(1));
                }
            }
        }
        return found;
    }
}
