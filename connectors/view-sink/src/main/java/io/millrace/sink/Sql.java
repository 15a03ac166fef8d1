package io.millrace.sink;

/** Pieces of statements. */
final class Sql {
    private Sql() {}

    static String name(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** Does nothing where the role could not be made. */
    static String grantToAnalyst(String relation) {
        return "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '" + AnalyticsDatabase.ANALYST
                + "') THEN GRANT SELECT ON " + relation + " TO " + AnalyticsDatabase.ANALYST + "; END IF; END $$";
    }
}
