package io.millrace.demo.trade;

import io.millrace.demo.trade.Ledger.Posting;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** A tenant's first day: accounts, periods, users, master data, opening stock and capital. */
final class Opening {
    private static final int CUSTOMERS = 40;
    private static final int SUPPLIERS = 12;
    private static final int WAREHOUSES = 3;
    private static final int PRODUCTS = 60;
    private static final int MONTHS = 36;
    private static final BigDecimal CAPITAL = new BigDecimal("1000000.00");
    private static final String[][] ACCOUNTS = {
        {"1000", "Bank", "asset"},
        {"1100", "Receivables", "asset"},
        {"1200", "Inventory", "asset"},
        {"1300", "Input tax", "asset"},
        {"2000", "Payables", "liability"},
        {"2100", "Goods received not invoiced", "liability"},
        {"2200", "Output tax", "liability"},
        {"3000", "Equity", "equity"},
        {"4000", "Sales", "income"},
        {"4100", "Sales returns", "income"},
        {"5000", "Cost of goods sold", "expense"},
        {"5100", "Purchase price variance", "expense"},
        {"5200", "Inventory adjustments", "expense"},
        {"6000", "Expenses", "expense"}
    };
    static final List<String> ROLES =
            List.of("buyer", "approver", "accountant", "treasurer", "sales", "warehouse", "admin");

    private Opening() {}

    /** The user of a tenant who has this role. */
    static String user(String role, int tenant) {
        return role + tenant;
    }

    /** Opens a tenant in a transaction of its own, unless it exists. */
    static void openOnce(Jdbi jdbi, Books books) {
        try (Handle handle = jdbi.open()) {
            books.attach(handle);
            boolean exists = handle.select("SELECT count(*) FROM tenant WHERE tenant_id = ?", books.tenant)
                            .mapTo(Long.class)
                            .one()
                    > 0;
            if (!exists) {
                handle.useTransaction(transaction -> {
                    books.begin(user("admin", books.tenant));
                    books.announce();
                    open(books);
                });
            }
        }
    }

    private static void open(Books books) {
        int tenant = books.tenant;
        books.execute("INSERT INTO tenant VALUES (?, ?, 'EUR', 'DE')", tenant, "Company " + tenant);
        List<@Nullable Object[]> users = new ArrayList<>();
        List<@Nullable Object[]> roles = new ArrayList<>();
        for (String role : ROLES) {
            String user = user(role, tenant);
            users.add(new @Nullable Object[] {tenant, user, user + "@example.test", new BigDecimal("100000.00"), null});
            roles.add(new @Nullable Object[] {tenant, user, role, user("admin", tenant), books.now()});
        }
        books.executeAll(
                "INSERT INTO user_account (tenant_id, user_name, email, approval_limit, last_login_at) VALUES (?, ?, ?, ?, ?)",
                users);
        books.executeAll("INSERT INTO role_assignment VALUES (?, ?, ?, ?, ?)", roles);
        List<@Nullable Object[]> accounts = new ArrayList<>();
        for (String[] account : ACCOUNTS) {
            accounts.add(new @Nullable Object[] {tenant, account[0], account[1], account[2]});
        }
        books.executeAll("INSERT INTO account (tenant_id, code, name, type) VALUES (?, ?, ?, ?)", accounts);
        books.execute(
                "INSERT INTO fiscal_period (tenant_id, period) SELECT ?, (DATE '2026-01-01' + n * INTERVAL '1 month')::date"
                        + " FROM generate_series(0, ?) n",
                tenant,
                MONTHS - 1);
        for (int i = 0; i < CUSTOMERS; i++) {
            MasterData.addCustomer(books);
        }
        for (int i = 0; i < SUPPLIERS; i++) {
            MasterData.addSupplier(books);
        }
        for (int i = 1; i <= WAREHOUSES; i++) {
            books.execute(
                    "INSERT INTO warehouse (tenant_id, id, code, name, created_at, updated_at, created_by, updated_by)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    tenant,
                    books.nextId("warehouse"),
                    "W" + i,
                    "Warehouse " + i,
                    books.now(),
                    books.now(),
                    books.user(),
                    books.user());
        }
        BigDecimal stock = Money.ZERO;
        for (int i = 0; i < PRODUCTS; i++) {
            MasterData.addProduct(books);
            stock = stock.add(openingStock(books, books.lastId("product")));
        }
        books.ledger.post(
                "opening",
                null,
                "opening balance",
                Posting.debit(Ledger.INVENTORY, stock),
                Posting.debit(Ledger.BANK, CAPITAL),
                Posting.credit(Ledger.EQUITY, stock.add(CAPITAL)));
    }

    private static BigDecimal openingStock(Books books, long product) {
        BigDecimal cost = books.handle()
                .select("SELECT list_price FROM product WHERE tenant_id = ? AND id = ?", books.tenant, product)
                .mapTo(BigDecimal.class)
                .one()
                .multiply(new BigDecimal("0.6"))
                .setScale(4, RoundingMode.HALF_UP);
        BigDecimal value = Money.ZERO;
        for (long warehouse = 1; warehouse <= WAREHOUSES; warehouse++) {
            value = value.add(books.stock.move(
                    "adjustment_increase",
                    1,
                    warehouse,
                    product,
                    books.quantity(30, 120),
                    cost,
                    BigDecimal.ZERO,
                    null,
                    null));
        }
        return value;
    }
}
