package io.millrace.gateway.view;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All rows of a query as a stream. What fails when rows were sent already breaks the connection off: no stream ends early and looks whole. */
final class Export {
    private static final int FETCH_ROWS = 1_000;
    private static final Set<String> NEVER_FORMULAS = Set.of(
            "bigint",
            "integer",
            "smallint",
            "numeric",
            "real",
            "double precision",
            "money",
            "date",
            "boolean",
            "interval");

    /** How rows are written. */
    enum Format {
        /** A JSON object a line. */
        NDJSON("application/x-ndjson"),
        /** RFC 4180, with a header. */
        CSV("text/csv;charset=UTF-8");

        private final String mediaType;

        Format(String mediaType) {
            this.mediaType = mediaType;
        }
    }

    /** What is done with a text that a spreadsheet would take for a formula. */
    enum Formulas {
        /** It gets an apostrophe. */
        ESCAPE,
        /** It stays as it is. */
        KEEP
    }

    private final RowQuery query;
    private final Format format;
    private final Formulas formulas;

    Export(RowQuery query, Format format, Formulas formulas) {
        this.query = query;
        this.format = format;
        this.formulas = formulas;
    }

    /** Rows that are being read: the first ones are there, so a query that cannot be answered has failed by now. */
    interface Rows {
        /** Position that they are the result of. */
        String lsn();

        Instant committedAt();

        void writeTo(OutputStream out) throws SQLException, IOException;
    }

    String mediaType() {
        return format.mediaType;
    }

    /** Such as {@code stock_on_hand.csv}. */
    String fileName() {
        return query.relation().name().replaceAll("[^A-Za-z0-9_-]", "_") + "."
                + format.name().toLowerCase(Locale.ROOT);
    }

    /** Within a transaction that sees one state. */
    Rows open(Connection connection, String source) throws SQLException {
        PreparedStatement select = PageReader.prepare(connection, format == Format.CSV ? query.texts() : query.rows());
        select.setFetchSize(FETCH_ROWS);
        ResultSet rows;
        boolean any;
        try {
            rows = select.executeQuery();
            any = rows.next();
        } catch (SQLException failed) {
            throw PageReader.refused(failed, query);
        }
        State state = State.read(connection, query.relation(), source);
        return new Rows() {
            @Override
            public String lsn() {
                return state.lsn();
            }

            @Override
            public Instant committedAt() {
                return state.committedAt();
            }

            @Override
            public void writeTo(OutputStream out) throws SQLException, IOException {
                write(rows, any, out);
            }
        };
    }

    private void write(ResultSet rows, boolean any, OutputStream out) throws SQLException, IOException {
        StringBuilder line = new StringBuilder();
        if (format == Format.CSV) {
            List<String> names =
                    query.chosen().stream().map(Relation.Column::name).toList();
            for (int i = 0; i < names.size(); i++) {
                line.append(i == 0 ? "" : ",").append(cell(names.get(i), false));
            }
            out.write(line.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        }
        for (boolean there = any; there; there = rows.next()) {
            line.setLength(0);
            if (format == Format.NDJSON) {
                line.append(Objects.requireNonNull(rows.getString(1))).append('\n');
            } else {
                csv(rows, line);
            }
            out.write(line.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private void csv(ResultSet rows, StringBuilder line) throws SQLException {
        for (int i = 0; i < query.chosen().size(); i++) {
            boolean mayBeFormula = formulas == Formulas.ESCAPE
                    && !NEVER_FORMULAS.contains(query.chosen().get(i).baseType());
            line.append(i == 0 ? "" : ",").append(cell(rows.getString(i + 1), mayBeFormula));
        }
        line.append("\r\n");
    }

    /** Null is nothing, an empty text is a pair of quotes. */
    static String cell(@Nullable String value, boolean mayBeFormula) {
        if (value == null) {
            return "";
        }
        String text =
                mayBeFormula && !value.isEmpty() && "=+-@\t\r".indexOf(value.charAt(0)) >= 0 ? "'" + value : value;
        boolean quote = text.isEmpty() || text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return quote ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
