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

/** From order to delivery. Money is in {@link Billing}. */
final class Selling {
    private static final BigDecimal[] DISCOUNTS = {
        new BigDecimal("0.00"), new BigDecimal("0.00"), new BigDecimal("2.50"), new BigDecimal("10.00")
    };
    private static final String INSERT_LINE =
            "INSERT INTO sales_order_line (tenant_id, order_id, line_no, product_id, quantity, unit_price, discount_percent,"
                    + " tax_percent, amount) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private Selling() {}

    static boolean order(Books books) {
        long id = books.nextId("sales_order");
        List<@Nullable Object[]> lines = new ArrayList<>();
        for (long product : books.someProducts(4)) {
            lines.add(line(books, id, lines.size() + 1, product));
        }
        books.execute(
                "INSERT INTO sales_order (tenant_id, id, number, customer_id, warehouse_id, status, order_date, requested_date, total,"
                        + " created_at, updated_at, created_by, updated_by) VALUES (?, ?, ?, ?, ?, 'draft', ?, ?, ?, ?, ?, ?, ?)",
                books.tenant,
                id,
                "SO-" + id,
                books.any("customer"),
                books.any("warehouse"),
                books.today(),
                books.chance(30) ? null : books.today().plusDays(books.random.nextLong(2, 30)),
                lines.stream().map(line -> (BigDecimal) line[8]).reduce(Money.ZERO, BigDecimal::add),
                books.now(),
                books.now(),
                books.user(),
                books.user());
        books.executeAll(INSERT_LINE, lines);
        return true;
    }

    private static @Nullable Object[] line(Books books, long order, int lineNo, long product) {
        BigDecimal price = books.handle()
                .select("SELECT list_price FROM product WHERE tenant_id = ? AND id = ?", books.tenant, product)
                .mapTo(BigDecimal.class)
                .one();
        BigDecimal quantity = books.quantity(1, 10);
        BigDecimal discount = DISCOUNTS[books.random.nextInt(DISCOUNTS.length)];
        return new @Nullable Object[] {
            books.tenant,
            order,
            lineNo,
            product,
            quantity,
            price,
            discount,
            new BigDecimal(product % 5 == 0 ? "7.00" : "19.00"),
            Money.amount(quantity, price, discount)
        };
    }

    /** Changes what a draft orders: a line's quantity, one line more, or one less. */
    static boolean edit(Books books) {
        Long id = books.newest("sales_order", "status = 'draft'");
        if (id == null) {
            return false;
        }
        List<Map<String, Object>> lines = books.rows(
                "SELECT line_no, product_id FROM sales_order_line WHERE tenant_id = ? AND order_id = ? ORDER BY line_no",
                books.tenant,
                id);
        int last = (int) number(lines.getLast(), "line_no");
        switch (books.random.nextInt(3)) {
            case 0 ->
                books.execute(
                        "UPDATE sales_order_line SET quantity = quantity + 1,"
                                + " amount = round((quantity + 1) * unit_price * (100 - discount_percent) / 100, 2)"
                                + " WHERE tenant_id = ? AND order_id = ? AND line_no = ?",
                        books.tenant,
                        id,
                        last);
            case 1 ->
                books.executeAll(
                        INSERT_LINE, List.<@Nullable Object[]>of(line(books, id, last + 1, books.any("product"))));
            default -> {
                if (lines.size() == 1) {
                    return false;
                }
                books.execute(
                        "DELETE FROM sales_order_line WHERE tenant_id = ? AND order_id = ? AND line_no = ?",
                        books.tenant,
                        id,
                        last);
            }
        }
        books.execute(
                "UPDATE sales_order o SET total = (SELECT sum(amount) FROM sales_order_line l"
                        + " WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id), updated_at = ?, updated_by = ?"
                        + " WHERE tenant_id = ? AND id = ?",
                books.now(),
                books.user(),
                books.tenant,
                id);
        return true;
    }

    /** What the customer owes and has ordered comes to more than half of what they are trusted with. */
    private static boolean overCredit(Books books, long order) {
        return !books.rows(
                        "SELECT c.id FROM sales_order o JOIN customer c ON c.tenant_id = o.tenant_id AND c.id = o.customer_id"
                                + " WHERE o.tenant_id = ? AND o.id = ? AND c.credit_limit / 2 < o.total * 1.19"
                                + " + (SELECT coalesce(sum(p.total * 1.19), 0) FROM sales_order p WHERE p.tenant_id = o.tenant_id"
                                + " AND p.customer_id = o.customer_id AND p.status IN ('confirmed', 'picking', 'packed', 'shipped'))"
                                + " + (SELECT coalesce(sum(i.total - i.amount_paid - i.amount_credited), 0) FROM invoice i"
                                + " WHERE i.tenant_id = o.tenant_id AND i.customer_id = o.customer_id"
                                + " AND i.status IN ('draft', 'sent', 'partially_paid', 'overdue'))",
                        books.tenant,
                        order)
                .isEmpty();
    }

    /** Reserves all that a draft orders; a draft for which there is not enough, or whose customer owes too much, waits. */
    static boolean confirm(Books books) {
        Long id = books.newest("sales_order", "status = 'draft'");
        if (id == null) {
            return false;
        }
        List<Map<String, Object>> missing = books.rows(
                "SELECT l.product_id FROM sales_order o"
                        + " JOIN sales_order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id"
                        + " JOIN stock_level s ON s.tenant_id = o.tenant_id AND s.warehouse_id = o.warehouse_id AND s.product_id = l.product_id"
                        + " WHERE o.tenant_id = ? AND o.id = ? GROUP BY l.product_id, s.on_hand, s.reserved"
                        + " HAVING sum(l.quantity) > s.on_hand - s.reserved",
                books.tenant,
                id);
        if (!missing.isEmpty() || overCredit(books, id)) {
            return false;
        }
        books.execute(
                "UPDATE sales_order_line SET quantity_reserved = quantity WHERE tenant_id = ? AND order_id = ?",
                books.tenant,
                id);
        changeReserved(books, id, "+");
        return setStatus(books, id, "confirmed");
    }

    private static void changeReserved(Books books, long order, String sign) {
        books.execute(
                "UPDATE stock_level s SET reserved = s.reserved " + sign
                        + " l.quantity FROM (SELECT o.warehouse_id, l.product_id,"
                        + " sum(l.quantity_reserved) AS quantity FROM sales_order o"
                        + " JOIN sales_order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id"
                        + " WHERE o.tenant_id = ? AND o.id = ? GROUP BY o.warehouse_id, l.product_id) l"
                        + " WHERE s.tenant_id = ? AND s.warehouse_id = l.warehouse_id AND s.product_id = l.product_id",
                books.tenant,
                order,
                books.tenant);
    }

    static boolean pack(Books books) {
        Long id = books.oldest("sales_order", "status IN ('confirmed', 'picking')");
        return id != null && setStatus(books, id, "packed");
    }

    /** Goods leave: all that is reserved, or a part of it. */
    static boolean ship(Books books) {
        Long id = books.oldest("sales_order", "status IN ('confirmed', 'picking', 'packed')");
        if (id == null) {
            return false;
        }
        boolean all = books.chance(80);
        boolean complete = true;
        BigDecimal cost = Money.ZERO;
        for (Map<String, Object> line : books.rows(
                "SELECT l.line_no, l.product_id, l.quantity_reserved, o.warehouse_id FROM sales_order o"
                        + " JOIN sales_order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id"
                        + " WHERE o.tenant_id = ? AND o.id = ? ORDER BY l.line_no",
                books.tenant,
                id)) {
            BigDecimal reserved = decimal(line, "quantity_reserved");
            BigDecimal shipped = all ? reserved : reserved.divide(BigDecimal.TWO, 3, RoundingMode.DOWN);
            complete &= shipped.compareTo(reserved) == 0;
            if (shipped.signum() > 0) {
                int lineNo = (int) number(line, "line_no");
                long product = number(line, "product_id");
                cost = cost.add(books.stock.move(
                        "sale",
                        -1,
                        number(line, "warehouse_id"),
                        product,
                        shipped,
                        books.stock.unitCost(product),
                        shipped.negate(),
                        new Stock.Document("sales_order", id, lineNo),
                        null));
                books.execute(
                        "UPDATE sales_order_line SET quantity_shipped = quantity_shipped + ?, quantity_reserved = quantity_reserved - ?"
                                + " WHERE tenant_id = ? AND order_id = ? AND line_no = ?",
                        shipped,
                        shipped,
                        books.tenant,
                        id,
                        lineNo);
            }
        }
        books.ledger.post(
                "shipment",
                id,
                null,
                Posting.debit(Ledger.COST_OF_GOODS_SOLD, cost),
                Posting.credit(Ledger.INVENTORY, cost));
        return setStatus(books, id, complete ? "shipped" : "picking");
    }

    static boolean deliver(Books books) {
        Long id = books.oldest(
                "sales_order",
                "status = 'shipped' AND EXISTS (SELECT 1 FROM invoice i"
                        + " WHERE i.tenant_id = sales_order.tenant_id AND i.order_id = sales_order.id)");
        return id != null && setStatus(books, id, "delivered");
    }

    /** Before anything was shipped. */
    static boolean cancel(Books books) {
        Long id = books.oldest("sales_order", "status IN ('draft', 'confirmed')");
        if (id == null) {
            return false;
        }
        changeReserved(books, id, "-");
        books.execute(
                "UPDATE sales_order_line SET quantity_reserved = 0 WHERE tenant_id = ? AND order_id = ? AND quantity_reserved <> 0",
                books.tenant,
                id);
        return setStatus(books, id, "cancelled");
    }

    static boolean deleteDraft(Books books) {
        Long id = books.oldest("sales_order", "status = 'draft'");
        if (id == null) {
            return false;
        }
        books.execute("DELETE FROM sales_order_line WHERE tenant_id = ? AND order_id = ?", books.tenant, id);
        books.execute("DELETE FROM sales_order WHERE tenant_id = ? AND id = ?", books.tenant, id);
        return true;
    }

    private static boolean setStatus(Books books, long id, String status) {
        books.execute(
                "UPDATE sales_order SET status = ?, updated_at = ?, updated_by = ? WHERE tenant_id = ? AND id = ?",
                status,
                books.now(),
                books.user(),
                books.tenant,
                id);
        return true;
    }
}
