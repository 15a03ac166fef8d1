package io.millrace.source.server;

/** A domain's values travel as those of the type that it is over. */
public final class BaseTypes {
    private BaseTypes() {}

    /**
     * An SQL expression: the name of a column's type as {@code format_type} writes it, with a domain's base type for the domain.
     * The modifier is the domain's own.
     */
    public static String name(String typeOid, String modifier) {
        return "(WITH RECURSIVE base(oid, modifier, depth) AS ("
                + "SELECT " + typeOid + ", " + modifier + ", 0"
                + " UNION ALL SELECT t.typbasetype, t.typtypmod, base.depth + 1"
                + " FROM base JOIN pg_type t ON t.oid = base.oid AND t.typtype = 'd')"
                + " SELECT format_type(oid, modifier) FROM base ORDER BY depth DESC LIMIT 1)";
    }
}
