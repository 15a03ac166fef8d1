package io.millrace.demo.trade;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;

/** The clicks of {@link Misdeed}: each violation beside what comes close to it. */
final class Misdeeds {
    private Misdeeds() {}

    private static Map<String, Object> key(Clicks clicks, Object... columnsAndValues) {
        Map<String, Object> key = new java.util.HashMap<>();
        key.put("tenant_id", clicks.tenant());
        for (int i = 0; i < columnsAndValues.length; i += 2) {
            key.put(columnsAndValues[i].toString(), columnsAndValues[i + 1]);
        }
        return key;
    }

    static Map<String, Object> selfApproval(Clicks clicks) {
        long order = clicks.as("buyer", books -> new Documents(books).order(1, "500.00", books.user()));
        return key(clicks, "document_type", "purchase_order", "document_id", order);
    }

    static void approvalByAnother(Clicks clicks) {
        clicks.as("buyer", books -> new Documents(books).order(1, "500.00", Opening.user("approver", books.tenant)));
    }

    static Map<String, Object> conflictingRoles(Clicks clicks) {
        String user = clicks.as("admin", books -> new Documents(books).user("buyer", null));
        clicks.as("admin", books -> new Documents(books).grant(user, "approver", books.now()));
        return key(clicks, "user_name", user, "role", "buyer", "conflicting_role", "approver");
    }

    static void harmlessRoles(Clicks clicks) {
        String user = clicks.as("admin", books -> new Documents(books).user("sales", null));
        clicks.as("admin", books -> new Documents(books).grant(user, "warehouse", books.now()));
    }

    static Map<String, Object> dearerThanOrdered(Clicks clicks) {
        return key(clicks, "invoice_id", invoiceForOrder(clicks, "51.25"), "line_no", 1);
    }

    static void alittleDearer(Clicks clicks) {
        invoiceForOrder(clicks, "51.00");
    }

    private static long invoiceForOrder(Clicks clicks, String price) {
        long order = clicks.as(
                "warehouse", books -> new Documents(books).order(1, "500.00", Opening.user("approver", books.tenant)));
        return clicks.as("accountant", books -> {
            Documents documents = new Documents(books);
            return documents.supplierInvoice(1, "M" + books.lastId("supplier_invoice"), new BigDecimal(price), order);
        });
    }

    static Map<String, Object> invoicedTwice(Clicks clicks) {
        long supplier = clicks.as("buyer", books -> new Documents(books).supplier());
        long first = clicks.as("accountant", books -> new Documents(books).supplierInvoice(supplier, "A-77/3"));
        long again = clicks.as("accountant", books -> new Documents(books).supplierInvoice(supplier, "a 773"));
        return key(clicks, "invoice_id", first, "again_id", again);
    }

    static void sameNumberOfAnother(Clicks clicks) {
        for (int i = 0; i < 2; i++) {
            long supplier = clicks.as("buyer", books -> new Documents(books).supplier());
            clicks.as("accountant", books -> new Documents(books).supplierInvoice(supplier, "A-77/3"));
        }
    }

    static Map<String, Object> paidTwice(Clicks clicks) {
        long supplier = clicks.as("buyer", books -> new Documents(books).supplier());
        long invoice = clicks.as("accountant", books -> new Documents(books).supplierInvoice(supplier, "B-1"));
        clicks.as("treasurer", books -> new Documents(books).pay(invoice, "500.00", books.now()));
        clicks.as("treasurer", books -> new Documents(books).pay(invoice, "500.00", books.now()));
        return key(clicks, "invoice_id", invoice);
    }

    static void paidInHalves(Clicks clicks) {
        long supplier = clicks.as("buyer", books -> new Documents(books).supplier());
        long invoice = clicks.as("accountant", books -> new Documents(books).supplierInvoice(supplier, "B-1"));
        clicks.as("treasurer", books -> new Documents(books).pay(invoice, "250.00", books.now()));
        clicks.as("treasurer", books -> new Documents(books).pay(invoice, "250.00", books.now()));
    }

    static Map<String, Object> splitOrder(Clicks clicks) {
        long supplier = clicks.as("buyer", books -> new Documents(books).supplier());
        String approver = Opening.user("approver", clicks.tenant());
        LocalDate day = clicks.as("buyer", books -> {
            new Documents(books).order(supplier, "90000.00", approver);
            return books.today();
        });
        String buyer = clicks.as("buyer", books -> {
            long order = new Documents(books).order(supplier, "80000.00", approver);
            books.execute(
                    "UPDATE purchase_order SET order_date = ? WHERE tenant_id = ? AND id = ?",
                    day,
                    books.tenant,
                    order);
            return books.user();
        });
        return key(clicks, "supplier_id", supplier, "made_by", buyer, "order_date", day);
    }

    static void twoSuppliers(Clicks clicks) {
        String approver = Opening.user("approver", clicks.tenant());
        long small = clicks.as("buyer", books -> new Documents(books).supplier());
        clicks.as("buyer", books -> new Documents(books).order(small, "90000.00", approver));
        clicks.as("buyer", books -> new Documents(books).order(small, "79999.99", approver));
    }

    static Map<String, Object> overCredit(Clicks clicks) {
        long customer = clicks.as("sales", books -> new Documents(books).customer("1000.00"));
        clicks.as("accountant", books -> new Documents(books).invoice(customer, "1000.00", "1000.00"));
        clicks.as("accountant", books -> new Documents(books).invoice(customer, "0.01", "0.01"));
        return key(clicks, "customer_id", customer);
    }

    static void creditUsedUp(Clicks clicks) {
        long customer = clicks.as("sales", books -> new Documents(books).customer("1000.00"));
        clicks.as("accountant", books -> new Documents(books).invoice(customer, "1000.00", "1000.00"));
    }

    static Map<String, Object> moreThanThere(Clicks clicks) {
        long product = clicks.as("warehouse", books -> new Documents(books).productWithStock());
        clicks.as("warehouse", books -> new Documents(books).take(product, "5.5"));
        return key(clicks, "warehouse_id", 1, "product_id", product);
    }

    static void allThatWasThere(Clicks clicks) {
        long product = clicks.as("warehouse", books -> new Documents(books).productWithStock());
        clicks.as("warehouse", books -> new Documents(books).take(product, "5.0"));
    }

    static Map<String, Object> levelWithoutMovement(Clicks clicks) {
        long product = clicks.as("warehouse", books -> new Documents(books).productWithStock());
        clicks.as("warehouse", books -> new Documents(books).setLevel(product, "+ 1"));
        return key(clicks, "warehouse_id", 1, "product_id", product);
    }

    static void levelThenMovement(Clicks clicks) {
        long product = clicks.as("warehouse", books -> new Documents(books).productWithStock());
        clicks.as("warehouse", books -> {
            // Wrong in between, right when it commits.
            new Documents(books).setLevel(product, "- 100");
            new Documents(books).setLevel(product, "+ 100");
            return new Documents(books).take(product, "1.0");
        });
    }

    static Map<String, Object> wrongNet(Clicks clicks) {
        long customer = clicks.as("sales", books -> new Documents(books).customer("100000.00"));
        long invoice =
                clicks.as("accountant", books -> new Documents(books).invoice(customer, "100.00", "60.00", "39.99"));
        return key(clicks, "invoice_id", invoice);
    }

    static void netOfTwoLines(Clicks clicks) {
        long customer = clicks.as("sales", books -> new Documents(books).customer("100000.00"));
        clicks.as("accountant", books -> new Documents(books).invoice(customer, "100.00", "60.00", "40.00"));
    }

    static Map<String, Object> unbalanced(Clicks clicks) {
        long entry = clicks.as(
                "accountant",
                books ->
                        new Documents(books).entry(books.today(), books.today().withDayOfMonth(1), "100.00", "-99.99"));
        return key(clicks, "entry_id", entry);
    }

    static void balancedAtTheEnd(Clicks clicks) {
        clicks.as(
                "accountant",
                books -> new Documents(books)
                        .entry(books.today(), books.today().withDayOfMonth(1), "100.00", "-60.00", "-40.00"));
    }

    static Map<String, Object> postedAfterClosing(Clicks clicks) {
        LocalDate period = clicks.as("admin", books -> new Documents(books).newPeriod());
        clicks.as("admin", books -> new Documents(books).close(period));
        long entry = clicks.as(
                "accountant", books -> new Documents(books).entry(books.today(), period, "100.00", "-100.00"));
        return key(clicks, "entry_id", entry);
    }

    static void postedBeforeClosing(Clicks clicks) {
        LocalDate period = clicks.as("admin", books -> new Documents(books).newPeriod());
        clicks.as("accountant", books -> new Documents(books).entry(books.today(), period, "100.00", "-100.00"));
        clicks.as("admin", books -> new Documents(books).close(period));
    }

    static Map<String, Object> sixDaysBack(Clicks clicks) {
        long entry = clicks.as(
                "accountant",
                books -> new Documents(books)
                        .entry(books.today().minusDays(6), books.today().withDayOfMonth(1), "100.00", "-100.00"));
        return key(clicks, "entry_id", entry);
    }

    static void fiveDaysBack(Clicks clicks) {
        clicks.as(
                "accountant",
                books -> new Documents(books)
                        .entry(books.today().minusDays(5), books.today().withDayOfMonth(1), "100.00", "-100.00"));
    }

    static Map<String, Object> paidToNewAccount(Clicks clicks) {
        return key(clicks, "payment_id", payAfterChange(clicks, 1));
    }

    static void paidDaysLater(Clicks clicks) {
        payAfterChange(clicks, 4);
    }

    private static long payAfterChange(Clicks clicks, int days) {
        long supplier = clicks.as("buyer", books -> new Documents(books).supplier());
        long invoice = clicks.as("accountant", books -> new Documents(books).supplierInvoice(supplier, "C-1"));
        OffsetDateTime changed = clicks.as("buyer", books -> new Documents(books).changeIban(supplier));
        return clicks.as("treasurer", books -> new Documents(books).pay(invoice, "500.00", changed.plusDays(days)));
    }

    static Map<String, Object> paidInactive(Clicks clicks) {
        long supplier = clicks.as("buyer", books -> new Documents(books).supplier());
        long invoice = clicks.as("accountant", books -> new Documents(books).supplierInvoice(supplier, "D-1"));
        clicks.as("buyer", books -> new Documents(books).deactivate(supplier));
        long payment = clicks.as("treasurer", books -> new Documents(books).pay(invoice, "500.00", books.now()));
        return key(clicks, "payment_id", payment);
    }

    static void paidThenInactive(Clicks clicks) {
        long supplier = clicks.as("buyer", books -> new Documents(books).supplier());
        long invoice = clicks.as("accountant", books -> new Documents(books).supplierInvoice(supplier, "D-1"));
        clicks.as("treasurer", books -> new Documents(books).pay(invoice, "500.00", books.now()));
        clicks.as("buyer", books -> new Documents(books).deactivate(supplier));
    }

    static Map<String, Object> largeDiscount(Clicks clicks) {
        long order = clicks.as("sales", books -> new Documents(books).salesOrder("15.01"));
        return key(clicks, "order_id", order, "line_no", 1);
    }

    static void largestDiscount(Clicks clicks) {
        clicks.as("sales", books -> new Documents(books).salesOrder("15.00"));
    }

    static Map<String, Object> madeTreasurer(Clicks clicks) {
        String user = clicks.as("admin", books -> new Documents(books).user("sales", null));
        clicks.as("admin", books -> new Documents(books).grant(user, "treasurer", OffsetDateTime.now(ZoneOffset.UTC)));
        return key(clicks, "user_name", user, "role", "treasurer");
    }

    static void madeSeller(Clicks clicks) {
        String user = clicks.as("admin", books -> new Documents(books).user("warehouse", null));
        clicks.as("admin", books -> new Documents(books).grant(user, "sales", OffsetDateTime.now(ZoneOffset.UTC)));
    }

    static Map<String, Object> dormantPosts(Clicks clicks) {
        return key(clicks, "user_name", postAfter(clicks, 91));
    }

    static void rareUserPosts(Clicks clicks) {
        postAfter(clicks, 89);
    }

    private static String postAfter(Clicks clicks, int days) {
        String user = clicks.as(
                "admin",
                books -> new Documents(books).user("accountant", books.now().minusDays(days)));
        return clicks.as("accountant", books -> {
            long entry =
                    new Documents(books).entry(books.today(), books.today().withDayOfMonth(1), "100.00", "-100.00");
            books.execute(
                    "UPDATE journal_entry SET posted_by = ? WHERE tenant_id = ? AND id = ?", user, books.tenant, entry);
            return user;
        });
    }

    static Map<String, Object> deletesMany(Clicks clicks) {
        deleteCustomers(clicks, 50);
        return key(clicks, "xid", clicks.lastXid(), "table_name", "public.customer");
    }

    static void deletesSome(Clicks clicks) {
        deleteCustomers(clicks, 49);
        clicks.as("admin", books -> new Documents(books).deleteNewestCustomers(1));
    }

    private static void deleteCustomers(Clicks clicks, int count) {
        clicks.as("admin", books -> {
            for (int i = 0; i < 50; i++) {
                MasterData.addCustomer(books);
            }
            return true;
        });
        clicks.as("admin", books -> new Documents(books).deleteNewestCustomers(count));
    }

    static Map<String, Object> changesAtNight(Clicks clicks) {
        int opens = (OffsetDateTime.now(ZoneOffset.UTC).getHour() + 6) % 24;
        int tenant = clicks.as("admin", books -> new Documents(books).company(opens, opens + 1));
        clicks.as("admin", books -> new Documents(books).userOf(tenant));
        Map<String, Object> key = key(clicks, "xid", clicks.lastXid(), "table_name", "public.user_account");
        key.put("tenant_id", tenant);
        return key;
    }

    static void changesByDay(Clicks clicks) {
        int hour = OffsetDateTime.now(ZoneOffset.UTC).getHour();
        // Around midnight a company works all day.
        boolean late = hour > 21;
        int tenant = clicks.as("admin", books -> new Documents(books).company(late ? 0 : hour, late ? 24 : hour + 2));
        clicks.as("admin", books -> new Documents(books).userOf(tenant));
    }
}
