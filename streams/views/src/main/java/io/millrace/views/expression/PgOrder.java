package io.millrace.views.expression;

import io.millrace.schemas.row.SpecialNumeric;
import java.math.BigDecimal;
import java.util.Comparator;

/** Postgres' order of values of one type, and the form in which equal values are equal objects. */
public final class PgOrder implements Comparator<Object> {
    public static final PgOrder INSTANCE = new PgOrder();

    private PgOrder() {}

    /** Neither is null; numbers may be of different types. Text is compared by code points, as collation "C" does. */
    @Override
    public int compare(Object left, Object right) {
        if (left instanceof SpecialNumeric || right instanceof SpecialNumeric) {
            return Integer.compare(rank(left), rank(right));
        }
        if (left instanceof Number a && right instanceof Number b) {
            return compareNumbers(a, b);
        }
        if (left instanceof String a && right instanceof String b) {
            return compareText(a, b);
        }
        @SuppressWarnings("unchecked") // the planner has given both sides one type
        Comparable<Object> comparable = (Comparable<Object>) left;
        return comparable.compareTo(right);
    }

    /** -Infinity, numbers, Infinity, NaN. */
    private static int rank(Object value) {
        return switch (value) {
            case SpecialNumeric.NEGATIVE_INFINITY -> -1;
            case SpecialNumeric.POSITIVE_INFINITY -> 1;
            case SpecialNumeric.NAN -> 2;
            default -> 0;
        };
    }

    private static int compareNumbers(Number left, Number right) {
        if (left instanceof Double || left instanceof Float || right instanceof Double || right instanceof Float) {
            double a = left.doubleValue();
            double b = right.doubleValue();
            // Postgres: -0 = 0, and NaN is larger than every number and equal to itself.
            return a == b ? 0 : Double.compare(a, b);
        }
        if (left instanceof BigDecimal || right instanceof BigDecimal) {
            return PgNumeric.of(left).compareTo(PgNumeric.of(right));
        }
        return Long.compare(left.longValue(), right.longValue());
    }

    private static int compareText(String left, String right) {
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                // UTF-16 sorts supplementary characters before U+E000 to U+FFFF; code points do not.
                boolean surrogates = Character.isSurrogate(a) != Character.isSurrogate(b);
                return surrogates ? Character.isSurrogate(a) ? 1 : -1 : Character.compare(a, b);
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    /** Values that Postgres holds equal become equal objects: 1.0 and 1.00, -0 and 0. */
    public static Object canonical(Object value) {
        return switch (value) {
            case BigDecimal decimal -> decimal.stripTrailingZeros();
            case Double number -> number == 0 ? 0.0 : number;
            case Float number -> number == 0 ? 0.0f : number;
            default -> value;
        };
    }
}
