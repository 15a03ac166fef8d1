package io.millrace.gateway.view;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A view or a report, as the analytics database has it now.
 *
 * @param key columns that identify a row; empty for a report
 * @param generation fingerprint of a view's definition; empty for a report
 * @param oid of the table or SQL view: another one is another relation, whatever its name
 * @param changedEpoch the last that changed its rows, or may have
 * @param changedLsn position of that in the source's log
 * @param excludedRows input rows that are kept out of it because an expression fails on them
 * @param problem why it is not there; null if it is
 */
record Relation(
        String name,
        Kind kind,
        String description,
        List<String> key,
        String generation,
        long oid,
        long changedEpoch,
        String changedLsn,
        long excludedRows,
        @Nullable String problem) {

    enum Kind {
        VIEW,
        REPORT
    }

    /** A column, with its Postgres type. */
    record Column(String name, String type, String baseType, boolean nullable, String description) {
        /** In a statement. */
        String quoted() {
            return Sql.name(name);
        }
    }

    /** In a statement. */
    String quoted() {
        return "analytics." + Sql.name(name);
    }

    /** Such as {@code ok}, or {@code degraded} where rows are kept out. */
    String status() {
        if (problem != null) {
            return "broken";
        }
        return excludedRows > 0 ? "degraded" : "ok";
    }
}
