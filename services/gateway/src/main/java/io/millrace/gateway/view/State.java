package io.millrace.gateway.view;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;

/**
 * What rows that were read are the result of.
 *
 * @param changedEpoch the last that changed the view, or may have
 */
record State(long epoch, String lsn, Instant committedAt, long changedEpoch, long excludedRows) {
    private static final String SELECT =
            "SELECT p.epoch, p.lsn::text, p.committed_at, coalesce((SELECT c.epoch FROM analytics.view_change c WHERE c.view = ?), p.epoch),"
                    + " coalesce((SELECT sum(l.excluded_rows) FROM analytics.view_lane l WHERE l.view = ?), 0)::bigint,"
                    + " to_regclass('analytics.' || quote_ident(?))::oid::bigint FROM analytics.position p WHERE p.source = ?";

    /** The relation was replaced while it was read. */
    static final class Replaced extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Replaced() {
            super("the relation was replaced", null, false, false);
        }
    }

    /**
     * Fails if another relation is there now.
     *
     * @throws Replaced if it was
     */
    static void requireSame(Connection connection, Relation relation) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT to_regclass('analytics.' || quote_ident(?))::oid::bigint")) {
            select.setString(1, relation.name());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next() || row.getLong(1) != relation.oid()) {
                    throw new Replaced();
                }
            }
        }
    }

    /**
     * Reads it behind the rows, in their transaction: from then on, the table that was read cannot be replaced. Had it been replaced
     * between the begin of the transaction and the read, the new table would have looked empty.
     *
     * @throws Replaced if it was
     */
    static State read(Connection connection, Relation relation, String source) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT)) {
            for (int i = 1; i <= 3; i++) {
                select.setString(i, relation.name());
            }
            select.setString(4, source);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next() || row.getLong(6) != relation.oid()) {
                    throw new Replaced();
                }
                return new State(
                        row.getLong(1),
                        row.getString(2),
                        Objects.requireNonNull(row.getObject(3, OffsetDateTime.class))
                                .toInstant(),
                        row.getLong(4),
                        row.getLong(5));
            }
        }
    }
}
