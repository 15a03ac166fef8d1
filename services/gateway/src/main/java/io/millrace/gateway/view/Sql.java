package io.millrace.gateway.view;

/** Pieces of statements. */
final class Sql {
    private Sql() {}

    static String name(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
