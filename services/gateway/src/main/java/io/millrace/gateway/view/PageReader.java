package io.millrace.gateway.view;

import io.millrace.gateway.http.Problem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Reads a page of rows, and the position that they are the result of, in one state of the database. */
final class PageReader {
    /** Of an answer's rows, in bytes: a page of larger rows ends earlier. */
    private static final int LARGEST = 8 << 20;

    private static final int FETCH_ROWS = 100;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private PageReader() {}

    /** Within a transaction that sees one state. */
    static Page read(Connection connection, RowQuery query, String source) throws SQLException {
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        Optional<List<@Nullable String>> last;
        Long count;
        try {
            last = readRows(connection, query, rows);
            count = count(connection, query);
        } catch (SQLException failed) {
            throw refused(failed, query);
        }
        State state = State.read(connection, query.relation(), source);
        long first = query.cursor().map(Cursor::epoch).orElse(state.epoch());
        return new Page(
                query.relation().oid(),
                rows.toByteArray(),
                last.isPresent(),
                // Rows of a report have no key, so nothing says where a page would go on.
                last.filter(keys -> !query.relation().key().isEmpty())
                        .map(keys -> new Cursor(
                                        Cursor.FORM, query.relation().generation(), query.fingerprint(), keys, first)
                                .text()),
                count,
                state.excludedRows(),
                state.epoch(),
                state.lsn(),
                state.committedAt(),
                query.relation().kind() == Relation.Kind.VIEW ? state.changedEpoch() : null,
                state.changedEpoch() > first,
                Instant.now());
    }

    /** @return the order's columns in the last row, if others follow */
    private static Optional<List<@Nullable String>> readRows(
            Connection connection, RowQuery query, ByteArrayOutputStream into) throws SQLException {
        int orderColumns = query.order().columns().size();
        List<@Nullable String> last = List.of();
        try (PreparedStatement select = prepare(connection, query.rows())) {
            select.setFetchSize(FETCH_ROWS);
            try (ResultSet row = select.executeQuery()) {
                for (int read = 0; row.next(); read++) {
                    if (read == query.limit() || into.size() > LARGEST) {
                        return Optional.of(last);
                    }
                    if (read > 0) {
                        into.write(',');
                    }
                    into.writeBytes(Objects.requireNonNull(row.getString(1)).getBytes(StandardCharsets.UTF_8));
                    last = new ArrayList<>();
                    for (int i = 0; i < orderColumns; i++) {
                        last.add(row.getString(i + 2));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static @Nullable Long count(Connection connection, RowQuery query) throws SQLException {
        return switch (query.count()) {
            case NONE -> null;
            case EXACT -> {
                try (PreparedStatement select = prepare(connection, query.counting("count(*)"));
                        ResultSet row = select.executeQuery()) {
                    row.next();
                    yield row.getLong(1);
                }
            }
            case ESTIMATE -> {
                Condition counting = query.counting("1");
                try (PreparedStatement select = prepare(
                                connection,
                                new Condition("EXPLAIN (FORMAT JSON) " + counting.sql(), counting.values()));
                        ResultSet row = select.executeQuery()) {
                    row.next();
                    yield JSON.readTree(row.getString(1))
                            .path(0)
                            .path("Plan")
                            .path("Plan Rows")
                            .asLong();
                }
            }
        };
    }

    static PreparedStatement prepare(Connection connection, Condition statement) throws SQLException {
        PreparedStatement prepared = connection.prepareStatement(statement.sql());
        for (int i = 0; i < statement.values().size(); i++) {
            prepared.setString(i + 1, statement.values().get(i));
        }
        return prepared;
    }

    /** A value that is none of its column's type, an operator that the type does not have: whoever asks can mend these. */
    static SQLException refused(SQLException failed, RowQuery query) {
        String state = String.valueOf(failed.getSQLState());
        if (!state.startsWith("22") && (!state.startsWith("42") || state.equals("42501") || state.equals("42P01"))) {
            return failed;
        }
        String said = String.valueOf(failed.getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst("^ERROR: ", "");
        boolean plain = query.filters().isEmpty() && query.cursor().isEmpty();
        if (plain && query.relation().kind() == Relation.Kind.REPORT && state.startsWith("22")) {
            throw new Problem(
                    Problem.Kind.BROKEN_REPORT,
                    "report " + query.relation().name() + ": " + said,
                    "correct the report's query in the catalog");
        }
        throw new Problem(
                Problem.Kind.BAD_FILTER,
                plain ? "order '" + query.order() + "': " + said : "filters " + query.filters() + ": " + said,
                "write values as Postgres writes them; GET /api/v1/views/"
                        + query.relation().name() + " has the columns' types");
    }
}
