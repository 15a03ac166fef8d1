package io.millrace.demo.trade;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Key facts of products, customers and suppliers. */
final class MasterData {
    private static final String[] CATEGORIES = {"tools", "fasteners", "paint", "safety", "electrical"};
    private static final String[] COUNTRIES = {"DE", "FR", "NL", "PL", "AT", "IT"};

    private MasterData() {}

    static String country(Books books) {
        return COUNTRIES[books.random.nextInt(COUNTRIES.length)];
    }

    static String iban(Books books) {
        return country(books) + String.format(Locale.ROOT, "%020d", books.random.nextLong(1_000_000_000_000L));
    }

    static void addProduct(Books books) {
        long id = books.nextId("product");
        books.execute(
                "INSERT INTO product (tenant_id, id, sku, name, category, list_price, reorder_point, reorder_quantity, attributes,"
                        + " description, created_at, updated_at, created_by, updated_by)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS jsonb), ?, ?, ?, ?, ?)",
                books.tenant,
                id,
                String.format(Locale.ROOT, "SKU-%05d", id),
                "Product " + id,
                CATEGORIES[books.random.nextInt(CATEGORIES.length)],
                BigDecimal.valueOf(books.random.nextLong(5_000, 2_000_000), 4),
                BigDecimal.valueOf(books.random.nextInt(2, 40) * 10_000L, 3),
                BigDecimal.valueOf(100_000, 3),
                id % 3 == 0 ? null : "{\"colour\": \"blue\", \"weight_g\": " + books.random.nextInt(10, 9_000) + "}",
                description(books, id),
                books.now(),
                books.now(),
                books.user(),
                books.user());
        List<@Nullable Object[]> levels = new ArrayList<>();
        for (long warehouse = 1; warehouse <= books.lastId("warehouse"); warehouse++) {
            levels.add(new @Nullable Object[] {books.tenant, warehouse, id});
        }
        books.executeAll(
                "INSERT INTO stock_level (tenant_id, warehouse_id, product_id, on_hand) VALUES (?, ?, ?, 0)", levels);
    }

    /** Some are too large for a page, and so are stored out of line. */
    private static @Nullable String description(Books books, long id) {
        if (id % 4 == 0) {
            return null;
        }
        int sentences = id % 10 == 1 ? 250 : 1;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < sentences; i++) {
            // Random, so that it does not compress away.
            text.append(String.format(
                    Locale.ROOT,
                    "Länge und Farbe nach Angabe des Herstellers; see the data sheet, part %d. ",
                    books.random.nextLong()));
        }
        return text.toString();
    }

    static void addCustomer(Books books) {
        long id = books.nextId("customer");
        books.execute(
                "INSERT INTO customer (tenant_id, id, name, email, country, credit_limit, payment_terms_days, created_at, updated_at,"
                        + " created_by, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                books.tenant,
                id,
                "Customer " + id,
                "customer" + id + "@example.test",
                country(books),
                BigDecimal.valueOf(books.random.nextLong(100, 600) * 100_000, 2),
                books.chance(50) ? 14 : 30,
                books.now(),
                books.now(),
                books.user(),
                books.user());
    }

    static void addSupplier(Books books) {
        long id = books.nextId("supplier");
        books.execute(
                "INSERT INTO supplier (tenant_id, id, name, email, country, iban, payment_terms_days, created_at, updated_at, created_by,"
                        + " updated_by) VALUES (?, ?, ?, ?, ?, ?, 30, ?, ?, ?, ?)",
                books.tenant,
                id,
                "Supplier " + id,
                "supplier" + id + "@example.test",
                country(books),
                iban(books),
                books.now(),
                books.now(),
                books.user(),
                books.user());
    }

    static boolean newCustomer(Books books) {
        addCustomer(books);
        return true;
    }

    static boolean changePrice(Books books) {
        books.execute(
                "UPDATE product SET list_price = round(list_price * ?, 4), updated_at = ?, updated_by = ? WHERE tenant_id = ? AND id = ?",
                BigDecimal.valueOf(books.random.nextLong(95, 107), 2),
                books.now(),
                books.user(),
                books.tenant,
                books.any("product"));
        return true;
    }

    static boolean editSupplier(Books books) {
        boolean bank = books.chance(20);
        books.execute(
                "UPDATE supplier SET email = ?, iban = coalesce(?, iban), iban_changed_at = coalesce(?, iban_changed_at),"
                        + " iban_changed_by = coalesce(?, iban_changed_by), updated_at = ?, updated_by = ? WHERE tenant_id = ? AND id = ?",
                "orders" + books.random.nextInt(1000) + "@example.test",
                bank ? iban(books) : null,
                bank ? books.now() : null,
                bank ? books.user() : null,
                books.now(),
                books.user(),
                books.tenant,
                books.any("supplier"));
        return true;
    }
}
