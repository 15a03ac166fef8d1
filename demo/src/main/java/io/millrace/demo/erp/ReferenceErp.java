package io.millrace.demo.erp;

import java.util.List;
import org.flywaydb.core.Flyway;

/** The reference ERP's database: its schema, and which tables it has. */
public final class ReferenceErp {
    /** Every table, in an order in which references point backwards. */
    public static final List<String> TABLES = List.of(
            "tenant",
            "user_account",
            "role_assignment",
            "account",
            "fiscal_period",
            "customer",
            "supplier",
            "warehouse",
            "product",
            "stock_level",
            "stock_movement",
            "sales_order",
            "sales_order_line",
            "invoice",
            "invoice_line",
            "payment",
            "purchase_order",
            "purchase_order_line",
            "supplier_invoice",
            "supplier_invoice_line",
            "supplier_payment",
            "journal_entry",
            "journal_entry_line");

    private ReferenceErp() {}

    /** Brings the schema of the database up to date; an empty database gets all of it. */
    public static void migrate(String jdbcUrl, String user, String password) {
        Flyway.configure(ReferenceErp.class.getClassLoader())
                .dataSource(jdbcUrl, user, password)
                .locations("classpath:erp")
                .load()
                .migrate();
    }
}
