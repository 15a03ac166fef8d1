package io.millrace.demo.trade;

import io.millrace.demo.trade.Ledger.Posting;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Stock levels, movements, and what a product costs on average. */
final class Stock {
    private final Books books;
    private final Map<Long, Cost> costs = new HashMap<>();

    /** What all warehouses hold of a product, and what it cost. */
    private record Cost(BigDecimal quantity, BigDecimal value) {
        static final Cost NONE = new Cost(new BigDecimal("0.000"), Money.ZERO);

        Cost plus(Cost more) {
            return new Cost(quantity.add(more.quantity), value.add(more.value));
        }
    }

    /** The document whose line moves goods. */
    record Document(String type, long id, int lineNo) {}

    Stock(Books books) {
        this.books = books;
    }

    void readCosts() {
        costs.clear();
        for (Map<String, Object> row : books.rows("""
                SELECT product_id, sum(s * quantity) AS quantity, sum(s * round(quantity * unit_cost, 2)) AS value
                FROM (SELECT product_id, quantity, unit_cost, CASE WHEN kind IN
                        ('purchase_receipt', 'adjustment_increase', 'transfer_in', 'return_from_customer') THEN 1 ELSE -1 END AS s
                      FROM stock_movement WHERE tenant_id = ?) m
                GROUP BY product_id""", books.tenant)) {
            costs.put(
                    Books.number(row, "product_id"),
                    new Cost(Books.decimal(row, "quantity"), Books.decimal(row, "value")));
        }
    }

    /** Average cost of a unit. */
    BigDecimal unitCost(long product) {
        Cost cost = costs.getOrDefault(product, Cost.NONE);
        if (cost.quantity.signum() <= 0 || cost.value.signum() <= 0) {
            return new BigDecimal("10.0000");
        }
        return cost.value.divide(cost.quantity, 4, RoundingMode.HALF_UP);
    }

    /**
     * Moves goods into a warehouse, or out of it.
     *
     * @param sign 1 or -1; agrees with the kind
     * @return the value that moved
     */
    BigDecimal move(
            String kind,
            int sign,
            long warehouse,
            long product,
            BigDecimal quantity,
            BigDecimal unitCost,
            BigDecimal reservedChange,
            @Nullable Document document,
            @Nullable Long transfer) {
        books.execute(
                "INSERT INTO stock_movement (tenant_id, id, warehouse_id, product_id, kind, quantity, unit_cost, moved_at,"
                        + " document_type, document_id, document_line_no, transfer_id, created_at, updated_at, created_by, updated_by)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                books.tenant,
                books.nextId("stock_movement"),
                warehouse,
                product,
                kind,
                quantity,
                unitCost,
                books.now(),
                document == null ? null : document.type,
                document == null ? null : document.id,
                document == null ? null : document.lineNo,
                transfer,
                books.now(),
                books.now(),
                books.user(),
                books.user());
        BigDecimal signed = sign > 0 ? quantity : quantity.negate();
        BigDecimal value = Money.amount(quantity, unitCost);
        books.execute(
                "UPDATE stock_level SET on_hand = on_hand + ?, reserved = reserved + ?"
                        + " WHERE tenant_id = ? AND warehouse_id = ? AND product_id = ?",
                signed,
                reservedChange,
                books.tenant,
                warehouse,
                product);
        costs.merge(product, new Cost(signed, sign > 0 ? value : value.negate()), Cost::plus);
        return value;
    }

    BigDecimal available(long warehouse, long product) {
        return books.handle()
                .select(
                        "SELECT on_hand - reserved FROM stock_level WHERE tenant_id = ? AND warehouse_id = ? AND product_id = ?",
                        books.tenant,
                        warehouse,
                        product)
                .mapTo(BigDecimal.class)
                .one();
    }

    /** Between two warehouses; nothing is posted. */
    boolean transfer() {
        List<Map<String, Object>> plenty = books.rows(
                "SELECT warehouse_id, product_id, on_hand - reserved AS available FROM stock_level"
                        + " WHERE tenant_id = ? AND product_id >= ? AND on_hand - reserved >= 2 ORDER BY product_id, warehouse_id LIMIT 1",
                books.tenant,
                books.any("product"));
        if (plenty.isEmpty() || books.lastId("warehouse") < 2) {
            return false;
        }
        long from = Books.number(plenty.getFirst(), "warehouse_id");
        long product = Books.number(plenty.getFirst(), "product_id");
        long to = from % books.lastId("warehouse") + 1;
        BigDecimal quantity = Books.decimal(plenty.getFirst(), "available")
                .divide(BigDecimal.valueOf(2), 3, RoundingMode.DOWN)
                .min(BigDecimal.valueOf(20).setScale(3, RoundingMode.UNNECESSARY));
        BigDecimal cost = unitCost(product);
        // The first of the two movements' ids names the transfer.
        long transfer = books.lastId("stock_movement") + 1;
        move("transfer_out", -1, from, product, quantity, cost, BigDecimal.ZERO, null, transfer);
        move("transfer_in", 1, to, product, quantity, cost, BigDecimal.ZERO, null, transfer);
        return true;
    }

    /** A count found more or less than there should be. */
    boolean adjust() {
        long warehouse = books.any("warehouse");
        long product = books.any("product");
        BigDecimal quantity = books.quantity(1, 3);
        boolean more = books.chance(50) || available(warehouse, product).compareTo(quantity) < 0;
        BigDecimal value = move(
                more ? "adjustment_increase" : "adjustment_decrease",
                more ? 1 : -1,
                warehouse,
                product,
                quantity,
                unitCost(product),
                BigDecimal.ZERO,
                null,
                null);
        String debit = more ? Ledger.INVENTORY : Ledger.INVENTORY_ADJUSTMENTS;
        String credit = more ? Ledger.INVENTORY_ADJUSTMENTS : Ledger.INVENTORY;
        books.ledger.post(
                "adjustment",
                books.lastId("stock_movement"),
                "stock count",
                Posting.debit(debit, value),
                Posting.credit(credit, value));
        return true;
    }
}
