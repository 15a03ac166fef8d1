package io.millrace.schemas.row;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Postgres type as {@code format_type} prints it, and how its values travel.
 *
 * @param name e.g. {@code numeric(16,2)}, {@code character varying(40)}, {@code integer[]}
 * @param kind how values are represented
 * @param precision of a declared numeric, else -1
 * @param scale of a declared numeric, else -1
 * @param element of an array, else null
 */
public record PgType(
        String name,
        Kind kind,
        int precision,
        int scale,
        @Nullable PgType element) {

    /** How the values of a type are represented in Java (see {@link RowEncoder}). */
    public enum Kind {
        /** {@code Boolean} */
        BOOL,
        /** {@code Integer} */
        INT2,
        /** {@code Integer} */
        INT4,
        /** {@code Long} */
        INT8,
        /** {@code Float} */
        FLOAT4,
        /** {@code Double} */
        FLOAT8,
        /** {@code BigDecimal}, or {@link SpecialNumeric} for NaN and the infinities. */
        NUMERIC,
        /** {@code BigDecimal} of scale 2. */
        MONEY,
        /** {@code String}: text, and every type without a kind of its own, as Postgres writes it. */
        TEXT,
        /** {@code LocalDate}; {@code MAX} and {@code MIN} are the infinities. */
        DATE,
        /** {@link TimeOfDay} */
        TIME,
        /** {@code LocalDateTime}; {@code MAX} and {@code MIN} are the infinities. */
        TIMESTAMP,
        /** {@code Instant}; {@code MAX} and {@code MIN} are the infinities. */
        TIMESTAMPTZ,
        /** {@code ByteBuffer}, read-only use. */
        BYTEA,
        /** {@code List} of the element's values, which may be null. */
        ARRAY
    }

    public static final PgType BOOL = plain("boolean", Kind.BOOL);
    public static final PgType INT4 = plain("integer", Kind.INT4);
    public static final PgType INT8 = plain("bigint", Kind.INT8);
    public static final PgType NUMERIC = plain("numeric", Kind.NUMERIC);
    public static final PgType TEXT = plain("text", Kind.TEXT);
    public static final PgType DATE = plain("date", Kind.DATE);
    public static final PgType TIMESTAMP = plain("timestamp without time zone", Kind.TIMESTAMP);
    public static final PgType TIMESTAMPTZ = plain("timestamp with time zone", Kind.TIMESTAMPTZ);

    private static final Pattern WITH_MODIFIER = Pattern.compile("([a-z ]+?)\\s*\\((\\d+)(?:,\\s*(-?\\d+))?\\)(.*)");
    private static final Map<String, Kind> KINDS = Map.ofEntries(
            Map.entry("boolean", Kind.BOOL),
            Map.entry("bool", Kind.BOOL),
            Map.entry("smallint", Kind.INT2),
            Map.entry("int2", Kind.INT2),
            Map.entry("integer", Kind.INT4),
            Map.entry("int4", Kind.INT4),
            Map.entry("bigint", Kind.INT8),
            Map.entry("int8", Kind.INT8),
            Map.entry("real", Kind.FLOAT4),
            Map.entry("float4", Kind.FLOAT4),
            Map.entry("double precision", Kind.FLOAT8),
            Map.entry("float8", Kind.FLOAT8),
            Map.entry("numeric", Kind.NUMERIC),
            Map.entry("decimal", Kind.NUMERIC),
            Map.entry("money", Kind.MONEY),
            Map.entry("date", Kind.DATE),
            Map.entry("time without time zone", Kind.TIME),
            Map.entry("time", Kind.TIME),
            Map.entry("timestamp without time zone", Kind.TIMESTAMP),
            Map.entry("timestamp", Kind.TIMESTAMP),
            Map.entry("timestamp with time zone", Kind.TIMESTAMPTZ),
            Map.entry("timestamptz", Kind.TIMESTAMPTZ),
            Map.entry("bytea", Kind.BYTEA));

    /** Any type name; one that is not known travels as text. */
    public static PgType parse(String name) {
        if (name.endsWith("[]")) {
            PgType element = parse(name.substring(0, name.length() - 2));
            return new PgType(name, Kind.ARRAY, -1, -1, element);
        }
        Matcher modified = WITH_MODIFIER.matcher(name);
        if (!modified.matches()) {
            return plain(name, KINDS.getOrDefault(name, Kind.TEXT));
        }
        Kind kind = KINDS.getOrDefault(modified.group(1) + modified.group(4), Kind.TEXT);
        if (kind != Kind.NUMERIC) {
            return plain(name, kind);
        }
        int scale = modified.group(3) == null ? 0 : Integer.parseInt(modified.group(3));
        return new PgType(name, kind, Integer.parseInt(modified.group(2)), scale, null);
    }

    /** Whether values are numbers with a declared scale, which Avro can carry as a decimal. */
    public boolean isFixedDecimal() {
        return kind == Kind.MONEY || (kind == Kind.NUMERIC && scale >= 0 && scale <= precision);
    }

    /** Scale of a fixed decimal. */
    public int decimalScale() {
        return kind == Kind.MONEY ? 2 : scale;
    }

    /** Precision of a fixed decimal. */
    public int decimalPrecision() {
        return kind == Kind.MONEY ? 19 : precision;
    }

    private static PgType plain(String name, Kind kind) {
        return new PgType(name, kind, -1, -1, null);
    }

    @Override
    public String toString() {
        return name;
    }
}
