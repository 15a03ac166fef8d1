package io.millrace.demo.trade;

import static io.millrace.demo.trade.Books.decimal;
import static io.millrace.demo.trade.Books.number;

import io.millrace.demo.trade.Ledger.Posting;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Procure to pay. */
final class Purchasing {
    private static final BigDecimal TAX = new BigDecimal("19.00");

    private Purchasing() {}

    /** Orders what a warehouse runs out of. */
    static boolean order(Books books) {
        long warehouse = books.any("warehouse");
        List<Long> products = books.handle()
                .select(
                        "SELECT s.product_id FROM stock_level s JOIN product p ON p.tenant_id = s.tenant_id AND p.id = s.product_id"
                                + " WHERE s.tenant_id = ? AND s.warehouse_id = ? AND s.on_hand - s.reserved < p.reorder_point"
                                + " ORDER BY s.on_hand - s.reserved, s.product_id LIMIT 5",
                        books.tenant,
                        warehouse)
                .mapTo(Long.class)
                .list();
        if (products.isEmpty()) {
            products = books.someProducts(3);
        }
        long id = books.nextId("purchase_order");
        BigDecimal total = Money.ZERO;
        List<@Nullable Object[]> lines = new ArrayList<>();
        for (long product : products) {
            BigDecimal quantity = books.quantity(20, 100);
            BigDecimal price = books.stock
                    .unitCost(product)
                    .multiply(BigDecimal.valueOf(books.random.nextLong(90, 112), 2))
                    .setScale(4, RoundingMode.HALF_UP);
            BigDecimal amount = Money.amount(quantity, price);
            total = total.add(amount);
            lines.add(new @Nullable Object[] {books.tenant, id, lines.size() + 1, product, quantity, price, amount});
        }
        books.execute(
                "INSERT INTO purchase_order (tenant_id, id, number, supplier_id, warehouse_id, status, order_date, expected_date,"
                        + " total, created_at, updated_at, created_by, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                books.tenant,
                id,
                "PO-" + id,
                books.any("supplier"),
                warehouse,
                books.chance(20) ? "draft" : "submitted",
                books.today(),
                books.today().plusDays(books.random.nextLong(3, 21)),
                total,
                books.now(),
                books.now(),
                books.user(),
                books.user());
        books.executeAll(
                "INSERT INTO purchase_order_line (tenant_id, order_id, line_no, product_id, quantity, unit_price, amount)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                lines);
        return true;
    }

    static boolean submit(Books books) {
        Long id = books.oldest("purchase_order", "status = 'draft'");
        return id != null && setStatus(books, id, "submitted");
    }

    static boolean approve(Books books) {
        Long id = books.oldest("purchase_order", "status = 'submitted'");
        if (id == null) {
            return false;
        }
        books.execute(
                "UPDATE purchase_order SET status = 'confirmed', approved_by = ?, approved_at = ?, updated_at = ?, updated_by = ?"
                        + " WHERE tenant_id = ? AND id = ?",
                books.user(),
                books.now(),
                books.now(),
                books.user(),
                books.tenant,
                id);
        return true;
    }

    static boolean cancel(Books books) {
        Long id = books.oldest("purchase_order", "status IN ('draft', 'submitted')");
        return id != null && setStatus(books, id, "cancelled");
    }

    private static boolean setStatus(Books books, long id, String status) {
        books.execute(
                "UPDATE purchase_order SET status = ?, updated_at = ?, updated_by = ? WHERE tenant_id = ? AND id = ?",
                status,
                books.now(),
                books.user(),
                books.tenant,
                id);
        return true;
    }

    /** Goods arrive: all that is open, or a part of it. */
    static boolean receive(Books books) {
        Long id = books.oldest("purchase_order", "status IN ('confirmed', 'partially_received')");
        if (id == null) {
            return false;
        }
        boolean all = books.chance(60);
        boolean complete = true;
        BigDecimal value = Money.ZERO;
        for (Map<String, Object> line : books.rows(
                "SELECT l.line_no, l.product_id, l.quantity - l.quantity_received AS open, l.unit_price, o.warehouse_id"
                        + " FROM purchase_order o JOIN purchase_order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id"
                        + " WHERE o.tenant_id = ? AND o.id = ? ORDER BY l.line_no",
                books.tenant,
                id)) {
            BigDecimal open = decimal(line, "open");
            BigDecimal arrived = all
                    ? open
                    : open.divide(BigDecimal.TWO, 0, RoundingMode.DOWN).setScale(3);
            complete &= arrived.compareTo(open) == 0;
            if (arrived.signum() > 0) {
                int lineNo = (int) number(line, "line_no");
                value = value.add(books.stock.move(
                        "purchase_receipt",
                        1,
                        number(line, "warehouse_id"),
                        number(line, "product_id"),
                        arrived,
                        decimal(line, "unit_price"),
                        BigDecimal.ZERO,
                        new Stock.Document("purchase_order", id, lineNo),
                        null));
                addReceived(books, id, lineNo, arrived);
            }
        }
        setStatus(books, id, complete ? "received" : "partially_received");
        books.ledger.post(
                "goods_receipt",
                id,
                null,
                Posting.debit(Ledger.INVENTORY, value),
                Posting.credit(Ledger.GOODS_RECEIVED_NOT_INVOICED, value));
        return true;
    }

    private static void addReceived(Books books, long order, int lineNo, BigDecimal quantity) {
        books.execute(
                "UPDATE purchase_order_line SET quantity_received = quantity_received + ?"
                        + " WHERE tenant_id = ? AND order_id = ? AND line_no = ?",
                quantity,
                books.tenant,
                order,
                lineNo);
    }

    /** Something of a receipt that is not yet invoiced goes back. */
    static boolean giveBack(Books books) {
        Long id = books.newest("purchase_order", "status = 'received' AND " + NOT_INVOICED);
        if (id == null) {
            return false;
        }
        Map<String, Object> line = books.rows(
                        "SELECT l.line_no, l.product_id, l.quantity_received, l.unit_price, o.warehouse_id"
                                + " FROM purchase_order o JOIN purchase_order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id"
                                + " WHERE o.tenant_id = ? AND o.id = ? ORDER BY l.line_no LIMIT 1",
                        books.tenant,
                        id)
                .getFirst();
        long warehouse = number(line, "warehouse_id");
        long product = number(line, "product_id");
        BigDecimal quantity = books.quantity(1, 5).min(decimal(line, "quantity_received"));
        if (quantity.signum() <= 0 || books.stock.available(warehouse, product).compareTo(quantity) < 0) {
            return false;
        }
        int lineNo = (int) number(line, "line_no");
        BigDecimal value = books.stock.move(
                "return_to_supplier",
                -1,
                warehouse,
                product,
                quantity,
                decimal(line, "unit_price"),
                BigDecimal.ZERO,
                new Stock.Document("purchase_order", id, lineNo),
                null);
        addReceived(books, id, lineNo, quantity.negate());
        setStatus(books, id, "partially_received");
        books.ledger.post(
                "return_to_supplier",
                id,
                null,
                Posting.debit(Ledger.GOODS_RECEIVED_NOT_INVOICED, value),
                Posting.credit(Ledger.INVENTORY, value));
        return true;
    }

    private static final String NOT_INVOICED = "NOT EXISTS (SELECT 1 FROM supplier_invoice i"
            + " WHERE i.tenant_id = purchase_order.tenant_id AND i.order_id = purchase_order.id)";

    /** The supplier's invoice for a received order arrives; some ask for a little more than was agreed. */
    static boolean enterInvoice(Books books) {
        Long order = books.newest("purchase_order", "status = 'received' AND " + NOT_INVOICED);
        if (order == null) {
            return false;
        }
        BigDecimal factor = books.chance(10) ? new BigDecimal("1.01") : BigDecimal.ONE;
        long id = books.nextId("supplier_invoice");
        BigDecimal net = Money.ZERO;
        List<@Nullable Object[]> lines = new ArrayList<>();
        for (Map<String, Object> line : books.rows(
                "SELECT line_no, product_id, quantity_received, unit_price FROM purchase_order_line"
                        + " WHERE tenant_id = ? AND order_id = ? AND quantity_received > 0 ORDER BY line_no",
                books.tenant,
                order)) {
            BigDecimal price = decimal(line, "unit_price").multiply(factor).setScale(4, RoundingMode.HALF_UP);
            BigDecimal amount = Money.amount(decimal(line, "quantity_received"), price);
            net = net.add(amount);
            lines.add(new @Nullable Object[] {
                books.tenant,
                id,
                lines.size() + 1,
                line.get("line_no"),
                line.get("product_id"),
                line.get("quantity_received"),
                price,
                amount,
                Ledger.GOODS_RECEIVED_NOT_INVOICED
            });
        }
        BigDecimal tax = Money.percent(net, TAX);
        books.execute(
                "INSERT INTO supplier_invoice (tenant_id, id, supplier_id, order_id, number, status, invoice_date, due_date, net, tax,"
                        + " total, created_at, updated_at, created_by, updated_by)"
                        + " SELECT tenant_id, ?, supplier_id, id, ?, 'draft', ?, ?, ?, ?, ?, ?, ?, ?, ? FROM purchase_order"
                        + " WHERE tenant_id = ? AND id = ?",
                id,
                "R" + books.random.nextInt(10_000, 99_999) + "-" + id,
                books.today(),
                books.today().plusDays(30),
                net,
                tax,
                net.add(tax),
                books.now(),
                books.now(),
                books.user(),
                books.user(),
                books.tenant,
                order);
        books.executeAll(
                "INSERT INTO supplier_invoice_line (tenant_id, invoice_id, line_no, order_line_no, product_id, quantity, unit_price,"
                        + " amount, account_code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                lines);
        return true;
    }

    static boolean approveInvoice(Books books) {
        Long id = books.oldest("supplier_invoice", "status = 'draft'");
        if (id == null) {
            return false;
        }
        Map<String, Object> invoice = books.rows(
                        "SELECT i.supplier_id, i.net, i.tax, i.total, (SELECT sum(round(l.quantity * o.unit_price, 2))"
                                + " FROM supplier_invoice_line l JOIN purchase_order_line o ON o.tenant_id = l.tenant_id"
                                + " AND o.order_id = i.order_id AND o.line_no = l.order_line_no"
                                + " WHERE l.tenant_id = i.tenant_id AND l.invoice_id = i.id) AS ordered"
                                + " FROM supplier_invoice i WHERE i.tenant_id = ? AND i.id = ?",
                        books.tenant,
                        id)
                .getFirst();
        books.execute(
                "UPDATE supplier_invoice SET status = 'approved', approved_by = ?, approved_at = ?, updated_at = ?, updated_by = ?"
                        + " WHERE tenant_id = ? AND id = ?",
                books.user(),
                books.now(),
                books.now(),
                books.user(),
                books.tenant,
                id);
        BigDecimal ordered = decimal(invoice, "ordered");
        books.ledger.post(
                "supplier_invoice",
                id,
                null,
                Posting.debit(Ledger.GOODS_RECEIVED_NOT_INVOICED, ordered),
                Posting.debit(Ledger.INPUT_TAX, decimal(invoice, "tax")),
                Posting.debit(
                        Ledger.PURCHASE_PRICE_VARIANCE, decimal(invoice, "net").subtract(ordered)),
                Posting.credit(Ledger.PAYABLES, decimal(invoice, "total"))
                        .of("supplier", number(invoice, "supplier_id")));
        return true;
    }

    static boolean pay(Books books) {
        // New bank details are confirmed by a call first, which takes some days.
        Long id = books.oldest(
                "supplier_invoice",
                "status IN ('approved', 'partially_paid') AND NOT EXISTS (SELECT 1 FROM supplier s"
                        + " WHERE s.tenant_id = supplier_invoice.tenant_id AND s.id = supplier_invoice.supplier_id"
                        + " AND s.iban_changed_at > '" + books.now().minusDays(4) + "')");
        if (id == null) {
            return false;
        }
        Map<String, Object> invoice = books.rows(
                        "SELECT i.supplier_id, i.total - i.amount_paid AS open, s.iban FROM supplier_invoice i"
                                + " JOIN supplier s ON s.tenant_id = i.tenant_id AND s.id = i.supplier_id"
                                + " WHERE i.tenant_id = ? AND i.id = ?",
                        books.tenant,
                        id)
                .getFirst();
        BigDecimal open = decimal(invoice, "open");
        BigDecimal amount = books.chance(80) ? open : open.divide(BigDecimal.TWO, 2, RoundingMode.UP);
        books.execute(
                "INSERT INTO supplier_payment (tenant_id, id, supplier_id, invoice_id, amount, method, iban, paid_at, approved_by,"
                        + " status, created_at, updated_at, created_by, updated_by)"
                        + " VALUES (?, ?, ?, ?, ?, 'transfer', ?, ?, ?, 'posted', ?, ?, ?, ?)",
                books.tenant,
                books.nextId("supplier_payment"),
                number(invoice, "supplier_id"),
                id,
                amount,
                invoice.get("iban"),
                books.now(),
                "approver" + books.tenant,
                books.now(),
                books.now(),
                books.user(),
                books.user());
        books.execute(
                "UPDATE supplier_invoice SET amount_paid = amount_paid + ?, status = ?, updated_at = ?, updated_by = ?"
                        + " WHERE tenant_id = ? AND id = ?",
                amount,
                amount.compareTo(open) == 0 ? "paid" : "partially_paid",
                books.now(),
                books.user(),
                books.tenant,
                id);
        books.ledger.post(
                "supplier_payment",
                books.lastId("supplier_payment"),
                null,
                Posting.debit(Ledger.PAYABLES, amount).of("supplier", number(invoice, "supplier_id")),
                Posting.credit(Ledger.BANK, amount));
        return true;
    }
}
