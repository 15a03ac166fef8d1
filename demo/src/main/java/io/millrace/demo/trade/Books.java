package io.millrace.demo.trade;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/**
 * One tenant's data as its users work with it: the connection, the business day, the next numbers, the costs. What it
 * keeps in memory can be read again from the database at any time.
 */
final class Books {
    static final OffsetDateTime OPENING = OffsetDateTime.of(2026, 1, 2, 8, 0, 0, 0, ZoneOffset.UTC);
    private static final List<String> NUMBERED = List.of(
            "customer",
            "supplier",
            "warehouse",
            "product",
            "stock_movement",
            "sales_order",
            "invoice",
            "payment",
            "purchase_order",
            "supplier_invoice",
            "supplier_payment",
            "journal_entry");
    private static final int CANDIDATES = 20;

    final int tenant;
    final SplittableRandom random;
    final Ledger ledger = new Ledger(this);
    final Stock stock = new Stock(this);

    private final Map<String, Long> lastIds = new HashMap<>();
    private OffsetDateTime now = OPENING;
    private String user = "system";
    private @Nullable Handle handle;
    private int changes;

    Books(int tenant, SplittableRandom random) {
        this.tenant = tenant;
        this.random = random;
    }

    /** Works on another connection, and reads again what is kept in memory. */
    void attach(Handle fresh) {
        handle = fresh;
        lastIds.clear();
        for (String table : NUMBERED) {
            lastIds.put(
                    table,
                    fresh.select("SELECT coalesce(max(id), 0) FROM " + table + " WHERE tenant_id = ?", tenant)
                            .mapTo(Long.class)
                            .one());
        }
        Instant last = fresh.select("SELECT max(posted_at) FROM journal_entry WHERE tenant_id = ?", tenant)
                .mapTo(Instant.class)
                .findOne()
                .orElse(OPENING.toInstant());
        now = last.atOffset(ZoneOffset.UTC);
        stock.readCosts();
    }

    Handle handle() {
        if (handle == null) {
            throw new IllegalStateException("tenant " + tenant + " has no connection");
        }
        return handle;
    }

    /** Begins a user's click: time goes on, changes count from 0. */
    void begin(String actor) {
        user = actor;
        changes = 0;
        now = now.plus(Duration.ofSeconds(random.nextLong(60, 600)));
    }

    /** Says in the transaction who acts; returns the transaction's id. */
    long announce() {
        return handle().select(
                        "SELECT pg_current_xact_id()::text::bigint FROM pg_logical_emit_message(true, 'millrace.actor', ?)",
                        user)
                .mapTo(Long.class)
                .one();
    }

    /** Whether a transaction was committed whose connection broke with its commit. */
    static boolean wasCommitted(Handle connection, long xid) {
        return connection
                .select("SELECT pg_xact_status(?::text::xid8)", Long.toString(xid))
                .mapTo(String.class)
                .one()
                .equals("committed");
    }

    /** Rows changed since {@link #begin}. */
    int changes() {
        return changes;
    }

    String user() {
        return user;
    }

    OffsetDateTime now() {
        return now;
    }

    LocalDate today() {
        return now.toLocalDate();
    }

    long nextId(String table) {
        return lastIds.merge(table, 1L, Long::sum);
    }

    long lastId(String table) {
        return lastIds.getOrDefault(table, 0L);
    }

    /** One of the customers, products and so on that exist. */
    long any(String table) {
        return 1 + random.nextLong(lastId(table));
    }

    /** Executes a statement; positional parameters. */
    void execute(String sql, @Nullable Object... arguments) {
        changes += handle().execute(sql, arguments);
    }

    /** Executes a statement once for each row of parameters. */
    void executeAll(String sql, List<@Nullable Object[]> rows) {
        PreparedBatch batch = handle().prepareBatch(sql);
        for (@Nullable Object[] row : rows) {
            batch.add(row);
        }
        for (int changed : batch.execute()) {
            changes += changed;
        }
    }

    List<Map<String, Object>> rows(String sql, @Nullable Object... arguments) {
        return handle().select(sql, arguments).mapToMap().list();
    }

    /**
     * One of the first documents that fulfil a condition.
     *
     * @param condition over the table's columns, without parameters
     * @return id of the document, or null if there is none
     */
    @Nullable Long oneOf(String table, String condition, String order) {
        List<Long> ids = handle().select(
                        "SELECT id FROM " + table + " WHERE tenant_id = ? AND " + condition + " ORDER BY id " + order
                                + " LIMIT " + CANDIDATES,
                        tenant)
                .mapTo(Long.class)
                .list();
        return ids.isEmpty() ? null : ids.get(random.nextInt(ids.size()));
    }

    @Nullable Long oldest(String table, String condition) {
        return oneOf(table, condition, "ASC");
    }

    @Nullable Long newest(String table, String condition) {
        return oneOf(table, condition, "DESC");
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    /** Between the bounds, in steps of 0.5. */
    BigDecimal quantity(int least, int most) {
        return BigDecimal.valueOf(random.nextLong(least * 2L, most * 2L + 1))
                .divide(BigDecimal.valueOf(2), 3, RoundingMode.UNNECESSARY);
    }

    /** Different products, at least one. */
    List<Long> someProducts(int most) {
        List<Long> chosen = new ArrayList<>();
        int count = 1 + random.nextInt(most);
        while (chosen.size() < count) {
            long product = any("product");
            if (!chosen.contains(product)) {
                chosen.add(product);
            }
        }
        return chosen;
    }

    static BigDecimal decimal(Map<String, Object> row, String column) {
        return (BigDecimal) value(row, column);
    }

    static long number(Map<String, Object> row, String column) {
        return ((Number) value(row, column)).longValue();
    }

    static String text(Map<String, Object> row, String column) {
        return (String) value(row, column);
    }

    private static Object value(Map<String, Object> row, String column) {
        return Objects.requireNonNull(row.get(column), column);
    }
}
