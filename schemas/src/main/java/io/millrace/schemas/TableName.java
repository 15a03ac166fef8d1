package io.millrace.schemas;

/** A table of a source, as Postgres names it: not quoted, case as in the catalog of Postgres. */
public record TableName(String schema, String table) implements Comparable<TableName> {
    public TableName {
        if (schema.isEmpty() || table.isEmpty()) {
            throw new IllegalArgumentException("a table needs a schema and a name: '" + schema + "." + table + "'");
        }
    }

    /** @throws IllegalArgumentException unless the text is {@code schema.table} */
    public static TableName parse(String text) {
        int dot = text.indexOf('.');
        if (dot <= 0 || dot == text.length() - 1) {
            throw new IllegalArgumentException("not a table: '" + text + "' (expected schema.table)");
        }
        return new TableName(text.substring(0, dot), text.substring(dot + 1));
    }

    /** Quoted for use in SQL. */
    public String quoted() {
        return '"' + schema.replace("\"", "\"\"") + "\".\"" + table.replace("\"", "\"\"") + '"';
    }

    @Override
    public int compareTo(TableName other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : table.compareTo(other.table);
    }

    @Override
    public String toString() {
        return schema + "." + table;
    }
}
