package io.millrace.operations.compare;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;

/** Reads rows as Postgres prints them: of one state of its database. Of most only a hash is kept. */
final class RowHashes {
    private static final int FETCH_ROWS = 5_000;

    private RowHashes() {}

    /** Hears each row. */
    interface Each {
        void row(String key, long hash, String text);
    }

    /**
     * @param before statements that the transaction begins with
     * @param with common table expressions that the query may read, from {@code WITH} on; empty for none
     * @param query whose rows they are
     * @param key columns; of a view without any there is one row at most
     */
    static void read(Connection connection, List<String> before, String with, String query, List<String> key, Each each)
            throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            for (String setting : before) {
                statement.execute(setting);
            }
            statement.setFetchSize(FETCH_ROWS);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (ResultSet rows =
                    statement.executeQuery(with + "SELECT " + key(key) + ", v::text FROM (" + query + "\n) v")) {
                while (rows.next()) {
                    String text = rows.getString(2);
                    byte[] hash = digest.digest(text.getBytes(StandardCharsets.UTF_8));
                    each.row(rows.getString(1), ByteBuffer.wrap(hash).getLong(), text);
                }
            }
        } catch (NoSuchAlgorithmException everyJvmHasIt) {
            throw new IllegalStateException(everyJvmHasIt);
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static String key(List<String> columns) {
        return columns.isEmpty()
                ? "''"
                : columns.stream()
                        .map(column -> "v.\"" + column.replace("\"", "\"\"") + "\"")
                        .collect(Collectors.joining(", ", "ROW(", ")::text"));
    }
}
