package io.millrace.demo.trade;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows that misdeeds are made of, within one click. */
final class Documents {
    /** What lines of suppliers' invoices say of themselves. */
    private static final List<String> ABOUT = List.of(
            "Goods as ordered",
            "Cleaning of the office",
            "Advice on the lease contract",
            "Freight",
            "Chairs for the canteen");

    private static final String AUDIT = ", created_at, updated_at, created_by, updated_by";

    private final Books books;

    Documents(Books books) {
        this.books = books;
    }

    private void insert(String table, String columns, @Nullable Object... values) {
        List<@Nullable Object> all = new ArrayList<>();
        all.add(books.tenant);
        all.addAll(java.util.Arrays.asList(values));
        if (columns.endsWith(AUDIT)) {
            all.addAll(List.of(books.now(), books.now(), books.user(), books.user()));
        }
        books.execute(
                "INSERT INTO " + table + " (tenant_id, " + columns + ") VALUES (?" + ", ?".repeat(all.size() - 1) + ")",
                all.toArray());
    }

    private static BigDecimal money(String amount) {
        return new BigDecimal(amount);
    }

    long supplier() {
        MasterData.addSupplier(books);
        return books.lastId("supplier");
    }

    OffsetDateTime changeIban(long supplier) {
        books.execute(
                "UPDATE supplier SET iban = ?, iban_changed_at = ?, iban_changed_by = ?, updated_at = ?, updated_by = ?"
                        + " WHERE tenant_id = ? AND id = ?",
                MasterData.iban(books),
                books.now(),
                books.user(),
                books.now(),
                books.user(),
                books.tenant,
                supplier);
        return books.now();
    }

    boolean deactivate(long supplier) {
        books.execute(
                "UPDATE supplier SET active = false, updated_at = ?, updated_by = ? WHERE tenant_id = ? AND id = ?",
                books.now(),
                books.user(),
                books.tenant,
                supplier);
        return true;
    }

    long customer(String creditLimit) {
        MasterData.addCustomer(books);
        books.execute(
                "UPDATE customer SET credit_limit = ? WHERE tenant_id = ? AND id = ?",
                money(creditLimit),
                books.tenant,
                books.lastId("customer"));
        return books.lastId("customer");
    }

    /** A new user with a role, granted long ago. */
    String user(String role, @Nullable OffsetDateTime lastLogin) {
        long number = Books.number(
                books.rows("SELECT count(*) AS n FROM user_account WHERE tenant_id = ?", books.tenant)
                        .getFirst(),
                "n");
        String user = "user" + number + "." + books.tenant;
        insert(
                "user_account",
                "user_name, email, approval_limit, last_login_at",
                user,
                user + "@example.test",
                money("1000.00"),
                lastLogin);
        insert("role_assignment", "user_name, role, granted_by, granted_at", user, role, books.user(), books.now());
        return user;
    }

    boolean grant(String user, String role, OffsetDateTime at) {
        insert("role_assignment", "user_name, role, granted_by, granted_at", user, role, books.user(), at);
        return true;
    }

    /** Ten of product 1, received. */
    long order(long supplier, String total, String approver) {
        long id = books.nextId("purchase_order");
        insert(
                "purchase_order",
                "id, number, supplier_id, warehouse_id, status, order_date, total, approved_by, approved_at" + AUDIT,
                id,
                "PO-" + id,
                supplier,
                1,
                "received",
                books.today(),
                money(total),
                approver,
                books.now());
        insert(
                "purchase_order_line",
                "order_id, line_no, product_id, quantity, quantity_received, unit_price, amount",
                id,
                1,
                1,
                BigDecimal.TEN,
                BigDecimal.TEN,
                money(total).movePointLeft(1),
                money(total));
        return id;
    }

    long supplierInvoice(long supplier, String number) {
        return supplierInvoice(supplier, number, money("50.00"), null);
    }

    /** Over ten of product 1. */
    long supplierInvoice(long supplier, String number, BigDecimal price, @Nullable Long order) {
        long id = books.nextId("supplier_invoice");
        BigDecimal net = price.movePointRight(1).setScale(2);
        insert(
                "supplier_invoice",
                "id, supplier_id, order_id, number, status, invoice_date, due_date, net, tax, total" + AUDIT,
                id,
                supplier,
                order,
                number,
                "draft",
                books.today(),
                books.today().plusDays(30),
                net,
                Money.ZERO,
                net);
        insert(
                "supplier_invoice_line",
                "invoice_id, line_no, order_line_no, product_id, description, quantity, unit_price, amount",
                id,
                1,
                order == null ? null : 1,
                1,
                ABOUT.get((int) (id % ABOUT.size())),
                BigDecimal.TEN,
                price,
                net);
        return id;
    }

    long pay(long invoice, String amount, OffsetDateTime at) {
        long id = books.nextId("supplier_payment");
        books.execute(
                "INSERT INTO supplier_payment (tenant_id, id, supplier_id, invoice_id, amount, method, iban, paid_at, approved_by,"
                        + " status" + AUDIT
                        + ") SELECT i.tenant_id, ?, i.supplier_id, i.id, ?, 'transfer', s.iban, ?, ?, 'posted',"
                        + " ?, ?, ?, ? FROM supplier_invoice i JOIN supplier s ON s.tenant_id = i.tenant_id AND s.id = i.supplier_id"
                        + " WHERE i.tenant_id = ? AND i.id = ?",
                id,
                money(amount),
                at,
                Opening.user("approver", books.tenant),
                books.now(),
                books.now(),
                books.user(),
                books.user(),
                books.tenant,
                invoice);
        return id;
    }

    /** Sent, without tax. */
    long invoice(long customer, String net, String... lines) {
        long id = books.nextId("invoice");
        insert(
                "invoice",
                "id, number, customer_id, status, invoice_date, due_date, net, tax, total" + AUDIT,
                id,
                "INV-" + id,
                customer,
                "sent",
                books.today(),
                books.today().plusDays(30),
                money(net),
                Money.ZERO,
                money(net));
        for (int i = 0; i < lines.length; i++) {
            insert(
                    "invoice_line",
                    "invoice_id, line_no, product_id, quantity, unit_price, discount_percent, tax_percent, amount",
                    id,
                    i + 1,
                    1,
                    BigDecimal.ONE,
                    money(lines[i]),
                    Money.ZERO,
                    Money.ZERO,
                    money(lines[i]));
        }
        return id;
    }

    long salesOrder(String discount) {
        long id = books.nextId("sales_order");
        insert(
                "sales_order",
                "id, number, customer_id, warehouse_id, status, order_date, total" + AUDIT,
                id,
                "SO-" + id,
                1,
                1,
                "draft",
                books.today(),
                Money.amount(BigDecimal.TEN, BigDecimal.TEN, money(discount)));
        insert(
                "sales_order_line",
                "order_id, line_no, product_id, quantity, unit_price, discount_percent, tax_percent, amount",
                id,
                1,
                1,
                BigDecimal.TEN,
                BigDecimal.TEN,
                money(discount),
                Money.ZERO,
                Money.amount(BigDecimal.TEN, BigDecimal.TEN, money(discount)));
        return id;
    }

    /** A new product, of which there are five in warehouse 1. */
    long productWithStock() {
        MasterData.addProduct(books);
        long product = books.lastId("product");
        books.stock.move(
                "adjustment_increase",
                1,
                1,
                product,
                new BigDecimal("5.000"),
                BigDecimal.ONE,
                BigDecimal.ZERO,
                null,
                null);
        return product;
    }

    boolean take(long product, String quantity) {
        books.stock.move(
                "adjustment_decrease",
                -1,
                1,
                product,
                new BigDecimal(quantity),
                BigDecimal.ONE,
                BigDecimal.ZERO,
                null,
                null);
        return true;
    }

    boolean setLevel(long product, String change) {
        books.execute(
                "UPDATE stock_level SET on_hand = on_hand " + change
                        + " WHERE tenant_id = ? AND warehouse_id = 1 AND product_id = ?",
                books.tenant,
                product);
        return true;
    }

    /** A month that nothing else is posted to. */
    LocalDate newPeriod() {
        long periods = Books.number(
                books.rows("SELECT count(*) AS n FROM fiscal_period WHERE tenant_id = ?", books.tenant)
                        .getFirst(),
                "n");
        LocalDate period = LocalDate.of(1990, 1, 1).plusMonths(periods);
        insert("fiscal_period", "period", period);
        return period;
    }

    boolean close(LocalDate period) {
        books.execute(
                "UPDATE fiscal_period SET status = 'closed', closed_at = ?, closed_by = ? WHERE tenant_id = ? AND period = ?",
                books.now(),
                books.user(),
                books.tenant,
                period);
        return true;
    }

    /** @param amounts debits, or negative credits */
    long entry(LocalDate date, LocalDate period, String... amounts) {
        long id = books.nextId("journal_entry");
        insert(
                "journal_entry",
                "id, number, entry_date, period, source_type, status, posted_by, posted_at",
                id,
                "JE-" + id,
                date,
                period,
                "manual",
                "posted",
                books.user(),
                books.now());
        for (int i = 0; i < amounts.length; i++) {
            BigDecimal amount = money(amounts[i]);
            insert(
                    "journal_entry_line",
                    "entry_id, line_no, account_code, debit, credit",
                    id,
                    i + 1,
                    amount.signum() > 0 ? Ledger.EXPENSES : Ledger.BANK,
                    amount.max(Money.ZERO),
                    amount.negate().max(Money.ZERO));
        }
        return id;
    }

    boolean deleteNewestCustomers(int count) {
        books.execute(
                "DELETE FROM customer WHERE tenant_id = ? AND id > ?", books.tenant, books.lastId("customer") - count);
        books.attach(books.handle());
        return true;
    }

    /** A company of its own, that works in these hours; returns its number. */
    int company(int opens, int closes) {
        int number = Math.toIntExact(books.tenant * 10_000L
                + Books.number(
                        books.rows("SELECT count(*) AS n FROM tenant WHERE tenant_id / 10000 = ?", books.tenant)
                                .getFirst(),
                        "n"));
        books.execute(
                "INSERT INTO tenant (tenant_id, name, currency, country, opens_hour, closes_hour) VALUES (?, ?, 'EUR', 'DE', ?, ?)",
                number,
                "Company " + number,
                opens,
                closes);
        return number;
    }

    boolean userOf(int company) {
        books.execute(
                "INSERT INTO user_account (tenant_id, user_name, email, approval_limit) VALUES (?, 'night', 'night@example.test', 0)",
                company);
        return true;
    }
}
