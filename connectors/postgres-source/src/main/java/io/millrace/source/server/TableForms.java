package io.millrace.source.server;

import io.millrace.schemas.TableName;
import io.millrace.source.SourceDefinition;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/**
 * What a table is: its identity, its files, its columns and its partitions, and what is captured of it. The log tells nothing of a
 * statement that changes these, though rows may be others afterwards: a column is added with a default or gets another type, a
 * partition is attached, a table is dropped and another one made under its name, the publication left something out for a while.
 */
public final class TableForms {
    private static final String FORMS = """
            SELECT wanted.name, concat_ws('|', c.oid,
              (SELECT string_agg(concat_ws(':', a.attnum, a.attname, a.atttypid, a.atttypmod, a.attgenerated), ',' ORDER BY a.attnum)
                FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
              (SELECT i.indkey::text FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary),
              -- The file is another one once the table was rewritten, and a truncated partition's rows are gone unlogged.
              -- One that was detached and attached again has another link.
              (WITH RECURSIVE part(oid, link) AS (
                  SELECT c.oid, NULL::xid
                  UNION ALL
                  SELECT h.inhrelid, h.xmin FROM part JOIN pg_inherits h ON h.inhparent = part.oid AND NOT h.inhdetachpending)
                SELECT string_agg(concat_ws(':', part.oid, part.link, pg_relation_filenode(part.oid)), ',' ORDER BY part.oid) FROM part),
              -- Each statement that alters a publication makes other rows of it.
              (SELECT string_agg(concat_ws(':', p.oid, p.xmin, pr.oid, pr.xmin), ',')
                FROM pg_publication p LEFT JOIN pg_publication_rel pr ON pr.prpubid = p.oid AND pr.prrelid = c.oid
                WHERE p.pubname = ?))
            FROM unnest(?::text[], ?::text[], ?::text[]) AS wanted(name, schema, relation)
            JOIN pg_namespace n ON n.nspname = wanted.schema
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.relation AND c.relkind IN ('r', 'p')""";

    private TableForms() {}

    /** By table, a number that is another one when the table's form is; without tables that do not exist. */
    public static Map<TableName, Long> read(Connection source, SourceDefinition definition, List<TableName> tables)
            throws SQLException {
        Map<TableName, Long> forms = new LinkedHashMap<>();
        try (PreparedStatement statement = source.prepareStatement(FORMS)) {
            statement.setString(1, definition.publication());
            statement.setArray(2, array(source, tables, TableName::toString));
            statement.setArray(3, array(source, tables, TableName::schema));
            statement.setArray(4, array(source, tables, TableName::table));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String name = row.getString(1);
                    TableName table = tables.stream()
                            .filter(each -> each.toString().equals(name))
                            .findFirst()
                            .orElseThrow();
                    String captured = definition.columns().isOf(table)
                            ? definition.columns().only().get(table) + "-"
                                    + definition.columns().except().get(table)
                            : "";
                    forms.put(table, number(name + "|" + row.getString(2) + "|" + captured));
                }
            }
        }
        return forms;
    }

    private static Array array(Connection source, List<TableName> tables, Function<TableName, String> part)
            throws SQLException {
        return source.createArrayOf("text", tables.stream().map(part).toArray());
    }

    private static long number(String form) {
        return UUID.nameUUIDFromBytes(form.getBytes(StandardCharsets.UTF_8)).getLeastSignificantBits();
    }
}
