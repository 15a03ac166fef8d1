package io.millrace.demo.trade;

import static io.millrace.demo.trade.Books.decimal;
import static io.millrace.demo.trade.Books.number;

import io.millrace.demo.trade.Ledger.Posting;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;

/** Invoices to customers, and their payments. */
final class Billing {
    private Billing() {}

    /** An invoice for all that was shipped; most are sent at once. */
    static boolean invoice(Books books) {
        Long order = books.newest(
                "sales_order",
                "status = 'shipped' AND NOT EXISTS (SELECT 1 FROM invoice i"
                        + " WHERE i.tenant_id = sales_order.tenant_id AND i.order_id = sales_order.id)");
        if (order == null) {
            return false;
        }
        long id = books.nextId("invoice");
        Map<String, Object> sums = books.rows(
                        "SELECT o.customer_id, c.payment_terms_days, sum(l.amount) AS net,"
                                + " sum(round(l.amount * l.tax_percent / 100, 2)) AS tax FROM sales_order o"
                                + " JOIN sales_order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id"
                                + " JOIN customer c ON c.tenant_id = o.tenant_id AND c.id = o.customer_id"
                                + " WHERE o.tenant_id = ? AND o.id = ? GROUP BY o.customer_id, c.payment_terms_days",
                        books.tenant,
                        order)
                .getFirst();
        BigDecimal net = decimal(sums, "net");
        BigDecimal tax = decimal(sums, "tax");
        books.execute(
                "INSERT INTO invoice (tenant_id, id, number, customer_id, order_id, status, invoice_date, due_date, net, tax, total,"
                        + " created_at, updated_at, created_by, updated_by)"
                        + " VALUES (?, ?, ?, ?, ?, 'draft', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                books.tenant,
                id,
                "INV-" + id,
                number(sums, "customer_id"),
                order,
                books.today(),
                books.today().plusDays(number(sums, "payment_terms_days")),
                net,
                tax,
                net.add(tax),
                books.now(),
                books.now(),
                books.user(),
                books.user());
        books.execute(
                "INSERT INTO invoice_line (tenant_id, invoice_id, line_no, product_id, description, quantity, unit_price,"
                        + " discount_percent, tax_percent, amount)"
                        + " SELECT l.tenant_id, ?, l.line_no, l.product_id, p.name, l.quantity, l.unit_price, l.discount_percent,"
                        + " l.tax_percent, l.amount FROM sales_order_line l"
                        + " JOIN product p ON p.tenant_id = l.tenant_id AND p.id = l.product_id"
                        + " WHERE l.tenant_id = ? AND l.order_id = ?",
                id,
                books.tenant,
                order);
        if (books.chance(80)) {
            send(books, id);
        }
        return true;
    }

    static boolean send(Books books) {
        Long id = books.oldest("invoice", "status = 'draft'");
        if (id == null) {
            return false;
        }
        send(books, id);
        return true;
    }

    private static void send(Books books, long id) {
        Map<String, Object> invoice = invoice(books, id);
        long customer = number(invoice, "customer_id");
        setStatus(books, id, "sent");
        books.ledger.post(
                "invoice",
                id,
                null,
                Posting.debit(Ledger.RECEIVABLES, decimal(invoice, "total")).of("customer", customer),
                Posting.credit(Ledger.SALES, decimal(invoice, "net")),
                Posting.credit(Ledger.OUTPUT_TAX, decimal(invoice, "tax")));
    }

    private static Map<String, Object> invoice(Books books, long id) {
        return books.rows(
                        "SELECT customer_id, order_id, net, tax, total, amount_paid, total - amount_paid - amount_credited AS open"
                                + " FROM invoice WHERE tenant_id = ? AND id = ?",
                        books.tenant,
                        id)
                .getFirst();
    }

    private static void setStatus(Books books, long id, String status) {
        books.execute(
                "UPDATE invoice SET status = ?, updated_at = ?, updated_by = ? WHERE tenant_id = ? AND id = ?",
                status,
                books.now(),
                books.user(),
                books.tenant,
                id);
    }

    static boolean markOverdue(Books books) {
        Long id = books.oldest("invoice", "status = 'sent' AND due_date < DATE '" + books.today() + "'");
        if (id == null) {
            return false;
        }
        setStatus(books, id, "overdue");
        return true;
    }

    /** A customer pays all that is open, or a part of it. */
    static boolean receivePayment(Books books) {
        Long id = books.oldest("invoice", "status IN ('sent', 'partially_paid', 'overdue')");
        if (id == null) {
            return false;
        }
        Map<String, Object> invoice = invoice(books, id);
        BigDecimal open = decimal(invoice, "open");
        BigDecimal amount = books.chance(75) ? open : open.divide(BigDecimal.TWO, 2, RoundingMode.UP);
        long customer = number(invoice, "customer_id");
        books.execute(
                "INSERT INTO payment (tenant_id, id, invoice_id, customer_id, amount, method, reference, received_at, status,"
                        + " created_at, updated_at, created_by, updated_by)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'posted', ?, ?, ?, ?)",
                books.tenant,
                books.nextId("payment"),
                id,
                customer,
                amount,
                books.chance(70) ? "transfer" : "card",
                "RF" + books.random.nextInt(100_000, 999_999),
                books.now(),
                books.now(),
                books.now(),
                books.user(),
                books.user());
        addPaid(books, id, amount, amount.compareTo(open) == 0 ? "paid" : "partially_paid");
        books.ledger.post(
                "payment",
                books.lastId("payment"),
                null,
                Posting.debit(Ledger.BANK, amount),
                Posting.credit(Ledger.RECEIVABLES, amount).of("customer", customer));
        return true;
    }

    private static void addPaid(Books books, long invoice, BigDecimal amount, String status) {
        books.execute(
                "UPDATE invoice SET amount_paid = amount_paid + ?, status = ?, updated_at = ?, updated_by = ?"
                        + " WHERE tenant_id = ? AND id = ?",
                amount,
                status,
                books.now(),
                books.user(),
                books.tenant,
                invoice);
    }

    /** A payment bounces. */
    static boolean reversePayment(Books books) {
        Long id = books.newest("payment", "status = 'posted'");
        if (id == null) {
            return false;
        }
        Map<String, Object> payment = books.rows(
                        "SELECT p.invoice_id, p.customer_id, p.amount, i.amount_paid, i.status FROM payment p"
                                + " JOIN invoice i ON i.tenant_id = p.tenant_id AND i.id = p.invoice_id"
                                + " WHERE p.tenant_id = ? AND p.id = ?",
                        books.tenant,
                        id)
                .getFirst();
        BigDecimal amount = decimal(payment, "amount");
        boolean nothingLeft = decimal(payment, "amount_paid").compareTo(amount) == 0;
        books.execute(
                "UPDATE payment SET status = 'reversed', updated_at = ?, updated_by = ? WHERE tenant_id = ? AND id = ?",
                books.now(),
                books.user(),
                books.tenant,
                id);
        addPaid(books, number(payment, "invoice_id"), amount.negate(), nothingLeft ? "sent" : "partially_paid");
        books.ledger.post(
                "payment_reversal",
                id,
                null,
                Posting.debit(Ledger.RECEIVABLES, amount).of("customer", number(payment, "customer_id")),
                Posting.credit(Ledger.BANK, amount));
        return true;
    }

    /** Goods come back, and are credited on an invoice of which at least that much is open. */
    static boolean takeBack(Books books) {
        Long id = books.newest("invoice", "status IN ('sent', 'partially_paid', 'overdue') AND order_id IS NOT NULL");
        if (id == null) {
            return false;
        }
        Map<String, Object> invoice = invoice(books, id);
        List<Map<String, Object>> lines = books.rows(
                "SELECT l.line_no, l.product_id, l.quantity, l.unit_price, l.discount_percent, l.tax_percent, o.warehouse_id"
                        + " FROM invoice_line l JOIN sales_order o ON o.tenant_id = l.tenant_id AND o.id = ?"
                        + " WHERE l.tenant_id = ? AND l.invoice_id = ? ORDER BY l.line_no LIMIT 1",
                number(invoice, "order_id"),
                books.tenant,
                id);
        Map<String, Object> line = lines.getFirst();
        BigDecimal quantity =
                BigDecimal.ONE.setScale(3, RoundingMode.UNNECESSARY).min(decimal(line, "quantity"));
        BigDecimal net = Money.amount(quantity, decimal(line, "unit_price"), decimal(line, "discount_percent"));
        BigDecimal tax = Money.percent(net, decimal(line, "tax_percent"));
        BigDecimal credit = net.add(tax);
        BigDecimal open = decimal(invoice, "open");
        if (credit.compareTo(open) > 0) {
            return false;
        }
        long product = number(line, "product_id");
        BigDecimal cost = books.stock.move(
                "return_from_customer",
                1,
                number(line, "warehouse_id"),
                product,
                quantity,
                books.stock.unitCost(product),
                BigDecimal.ZERO,
                new Stock.Document("sales_order", number(invoice, "order_id"), (int) number(line, "line_no")),
                null);
        boolean settled = credit.compareTo(open) == 0;
        boolean paid = decimal(invoice, "amount_paid").signum() > 0;
        books.execute(
                "UPDATE invoice SET amount_credited = amount_credited + ?, status = coalesce(?, status), updated_at = ?, updated_by = ?"
                        + " WHERE tenant_id = ? AND id = ?",
                credit,
                settled ? paid ? "paid" : "refunded" : null,
                books.now(),
                books.user(),
                books.tenant,
                id);
        books.ledger.post(
                "return_from_customer",
                id,
                null,
                Posting.debit(Ledger.INVENTORY, cost),
                Posting.credit(Ledger.COST_OF_GOODS_SOLD, cost),
                Posting.debit(Ledger.SALES_RETURNS, net),
                Posting.debit(Ledger.OUTPUT_TAX, tax),
                Posting.credit(Ledger.RECEIVABLES, credit).of("customer", number(invoice, "customer_id")));
        return true;
    }
}
