package io.millrace.source.reader;

import io.millrace.schemas.row.PgType;
import io.millrace.source.server.BaseTypes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** Types by the numbers that the log has for them. */
final class ColumnTypes {
    private static final String TYPE = "SELECT " + BaseTypes.name("?::oid", "?::int4");

    private final Connection connection;
    private final Map<Reference, PgType> known = new HashMap<>();

    /** @param modifier e.g. a declared precision, or -1 */
    private record Reference(int oid, int modifier) {}

    ColumnTypes(Connection connection) {
        this.connection = connection;
    }

    /** A type that was dropped since is text: its values are read as what Postgres wrote. */
    PgType of(int oid, int modifier) throws SQLException {
        Reference reference = new Reference(oid, modifier);
        PgType type = known.get(reference);
        if (type == null) {
            type = read(reference);
            known.put(reference, type);
        }
        return type;
    }

    private PgType read(Reference reference) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TYPE)) {
            statement.setLong(1, Integer.toUnsignedLong(reference.oid));
            statement.setInt(2, reference.modifier);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                String name = row.getString(1);
                return name == null || name.equals("???") ? PgType.TEXT : PgType.parse(name);
            }
        }
    }
}
