package io.millrace.schemas.row;

import java.math.BigDecimal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** From a value that was written as one type to another type, as a column whose type was altered in the meantime needs it. */
@FunctionalInterface
interface Conversion {
    Conversion NONE = value -> value;

    /** @throws RuntimeException if the other type has no such value */
    Object convert(Object value);

    static Conversion of(PgType from, PgType to) {
        PgType.Kind kind = to.kind();
        if (from.kind() == kind && kind != PgType.Kind.ARRAY || isSame(from.element(), to.element())) {
            return NONE;
        }
        return switch (kind) {
            case INT4 -> from.kind() == PgType.Kind.INT2 ? NONE : byText(to);
            case INT8 -> isInt(from) ? value -> Long.valueOf((Integer) value) : byText(to);
            case FLOAT8 -> from.kind() == PgType.Kind.FLOAT4 ? value -> Double.valueOf((Float) value) : byText(to);
            case NUMERIC ->
                isInt(from) || from.kind() == PgType.Kind.INT8
                        ? value -> BigDecimal.valueOf(((Number) value).longValue())
                        : byText(to);
            case TEXT -> PgText::of;
            default -> byText(to);
        };
    }

    private static boolean isSame(@Nullable PgType from, @Nullable PgType to) {
        return from != null && to != null && of(from, to).equals(NONE);
    }

    private static boolean isInt(PgType type) {
        return type.kind() == PgType.Kind.INT2 || type.kind() == PgType.Kind.INT4;
    }

    private static Conversion byText(PgType to) {
        return value -> Objects.requireNonNull(PgTextParser.parse(to, PgText.of(value)));
    }
}
