package io.millrace.views.postgres;

import io.millrace.schemas.row.PgType;
import java.util.Map;
import java.util.Set;

/**
 * The type of an expression.
 *
 * @param name as in {@code pg_type}; {@code varchar} does not occur, since to queries it is {@code text}
 * @param precision of {@code numeric(precision, scale)}, {@code bpchar(precision)}, {@code timestamp(precision)}; else -1
 * @param scale of a numeric; else -1
 */
public record ValueType(String name, int precision, int scale) {
    public static final ValueType BOOL = of("bool");
    public static final ValueType INT4 = of("int4");
    public static final ValueType INT8 = of("int8");
    public static final ValueType NUMERIC = of("numeric");
    public static final ValueType FLOAT8 = of("float8");
    public static final ValueType TEXT = of("text");
    public static final ValueType DATE = of("date");
    public static final ValueType TIMESTAMP = of("timestamp");
    public static final ValueType TIMESTAMPTZ = of("timestamptz");
    public static final ValueType INTERVAL = of("interval");
    public static final ValueType UNKNOWN = of(Resolution.UNKNOWN);

    private static final Map<String, String> SHOWN = Map.ofEntries(
            Map.entry("bool", "boolean"),
            Map.entry("int2", "smallint"),
            Map.entry("int4", "integer"),
            Map.entry("int8", "bigint"),
            Map.entry("float4", "real"),
            Map.entry("float8", "double precision"),
            Map.entry("bpchar", "character"),
            Map.entry("timestamp", "timestamp without time zone"),
            Map.entry("timestamptz", "timestamp with time zone"),
            Map.entry("time", "time without time zone"),
            Map.entry("timetz", "time with time zone"));

    /** Those that expressions can have as a column of a view. */
    private static final Set<String> IN_VIEWS = Set.of(
            "bool",
            "int2",
            "int4",
            "int8",
            "float4",
            "float8",
            "numeric",
            "text",
            "bpchar",
            "uuid",
            "date",
            "timestamp",
            "timestamptz");

    public static ValueType of(String name) {
        return new ValueType(name, -1, -1);
    }

    /** Of a captured column. Declared scales are part of its values, not of its type here. */
    public static ValueType of(PgType type) {
        return switch (type.kind()) {
            case BOOL -> BOOL;
            case INT2 -> of("int2");
            case INT4 -> INT4;
            case INT8 -> INT8;
            case FLOAT4 -> of("float4");
            case FLOAT8 -> FLOAT8;
            case NUMERIC -> NUMERIC;
            case DATE -> DATE;
            case TIMESTAMP -> TIMESTAMP;
            case TIMESTAMPTZ -> TIMESTAMPTZ;
            case TIME -> of("time");
            case MONEY -> of("money");
            case BYTEA -> of("bytea");
            case ARRAY -> of(type.name());
            case TEXT -> ofText(type.name());
        };
    }

    private static ValueType ofText(String name) {
        if (name.contains(" COLLATE ")) {
            return of(name);
        }
        if (name.equals("text") || name.startsWith("character varying") || name.startsWith("varchar")) {
            return TEXT;
        }
        if (name.startsWith("interval")) {
            return INTERVAL;
        }
        if (name.equals("bpchar")) {
            return of(name);
        }
        if (name.equals("character") || name.startsWith("character(")) {
            int length = name.equals("character") ? 1 : Integer.parseInt(name.substring(10, name.length() - 1));
            return new ValueType("bpchar", length, -1);
        }
        return of(name.startsWith("time") && name.endsWith("with time zone") ? "timetz" : name);
    }

    public ValueType withoutModifiers() {
        return precision < 0 ? this : of(name);
    }

    /** Whether a view can have a column of it. */
    public boolean isInViews() {
        return IN_VIEWS.contains(name);
    }

    /** Text that is equal by another rule than its bytes: a collation that is not deterministic. */
    public boolean hasOwnCollation() {
        return name.contains(" COLLATE ");
    }

    /** Whether rows can be told apart by it. */
    public boolean isComparable() {
        return isInViews() && !name.equals("bpchar");
    }

    public boolean is(String... names) {
        for (String one : names) {
            if (name.equals(one)) {
                return true;
            }
        }
        return false;
    }

    /** Of a column of a view. */
    public PgType pgType() {
        return PgType.parse(is("timestamp", "timestamptz") ? of(name).toString() : toString());
    }

    /** As Postgres writes it. */
    @Override
    public String toString() {
        String shown = SHOWN.getOrDefault(name, name);
        if (precision < 0) {
            return shown;
        }
        if (is("timestamp", "timestamptz")) {
            return shown.replaceFirst("timestamp", "timestamp(" + precision + ")");
        }
        return shown + '(' + precision + (scale < 0 ? "" : "," + scale) + ')';
    }
}
