package io.millrace.views.expression;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.time.temporal.JulianFields;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The fields of Postgres' patterns for times. */
final class PatternFields {
    /** In the order of the documentation; numbers also in lower case, names also as MONTH and month. */
    static final List<String> SHOWN = List.of(
            "YYYY", "YYY", "YY", "Y", "Q", "MM", "Month", "Mon", "DD", "DDD", "D", "Day", "Dy", "WW", "W", "IYYY",
            "IYY", "IY", "I", "IW", "ID", "IDDD", "J", "HH24", "HH12", "HH", "AM", "PM", "MI", "SS", "SSSS", "SSSSS",
            "MS", "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6");

    /** What Postgres knows and views do not. */
    private static final List<String> OTHERS = List.of(
            "A.D.", "A.M.", "AD", "B.C.", "BC", "CC", "FX", "OF", "P.M.", "RM", "TZH", "TZM", "TZ", "Y,YYY", "TM",
            "SP");

    private static final int LONGEST = 5;
    private static final Map<String, Field> FIELDS = fields();

    /** A field's text of a time. */
    @FunctionalInterface
    interface Field {
        /** @param filled with zeros and spaces to its full width, unless FM is before it */
        String text(LocalDateTime time, boolean filled);
    }

    private PatternFields() {}

    /** The longest keyword of Postgres that is there; null if none is. */
    static @Nullable String keyword(String pattern, int at) {
        for (int end = Math.min(pattern.length(), at + LONGEST); end > at; end--) {
            String part = pattern.substring(at, end);
            if (FIELDS.containsKey(part) || OTHERS.contains(part) || OTHERS.contains(part.toUpperCase(Locale.ROOT))) {
                return part;
            }
        }
        return null;
    }

    /** Null for a keyword that views do not have. */
    static @Nullable Field of(String keyword) {
        return FIELDS.get(keyword);
    }

    private static Map<String, Field> fields() {
        Map<String, Field> all = new HashMap<>();
        number(all, "YYYY", 4, PatternFields::year);
        number(all, "YYY", 3, time -> year(time) % 1000);
        number(all, "YY", 2, time -> year(time) % 100);
        number(all, "Y", 1, time -> year(time) % 10);
        number(all, "IYYY", 4, PatternFields::isoYear);
        number(all, "IYY", 3, time -> isoYear(time) % 1000);
        number(all, "IY", 2, time -> isoYear(time) % 100);
        number(all, "I", 1, time -> isoYear(time) % 10);
        number(all, "Q", 1, time -> time.get(IsoFields.QUARTER_OF_YEAR));
        number(all, "MM", 2, LocalDateTime::getMonthValue);
        number(all, "DD", 2, LocalDateTime::getDayOfMonth);
        number(all, "DDD", 3, LocalDateTime::getDayOfYear);
        number(all, "D", 1, time -> time.getDayOfWeek().getValue() % 7 + 1);
        number(all, "ID", 1, time -> time.getDayOfWeek().getValue());
        number(
                all,
                "IDDD",
                3,
                time -> (isoWeek(time) - 1) * 7 + time.getDayOfWeek().getValue());
        number(all, "IW", 2, PatternFields::isoWeek);
        number(all, "WW", 2, time -> (time.getDayOfYear() - 1) / 7 + 1);
        number(all, "W", 1, time -> (time.getDayOfMonth() - 1) / 7 + 1);
        number(all, "J", 1, time -> (int) time.getLong(JulianFields.JULIAN_DAY));
        number(all, "HH24", 2, LocalDateTime::getHour);
        number(all, "HH12", 2, time -> time.get(ChronoField.CLOCK_HOUR_OF_AMPM));
        number(all, "HH", 2, time -> time.get(ChronoField.CLOCK_HOUR_OF_AMPM));
        number(all, "MI", 2, LocalDateTime::getMinute);
        number(all, "SS", 2, LocalDateTime::getSecond);
        number(all, "SSSS", 1, time -> time.get(ChronoField.SECOND_OF_DAY));
        number(all, "SSSSS", 1, time -> time.get(ChronoField.SECOND_OF_DAY));
        // These keep their zeros with FM, too.
        for (int digits = 1; digits <= 6; digits++) {
            fraction(all, "FF" + digits, digits);
        }
        fraction(all, "MS", 3);
        fraction(all, "US", 6);
        names(all, "Month", 9, time -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
        names(all, "Mon", 3, time -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
        names(all, "Day", 9, time -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
        names(all, "Dy", 3, time -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
        for (String half : List.of("AM", "PM")) {
            all.put(half, (time, filled) -> time.getHour() < 12 ? "AM" : "PM");
            all.put(half.toLowerCase(Locale.ROOT), (time, filled) -> time.getHour() < 12 ? "am" : "pm");
        }
        return Map.copyOf(all);
    }

    private static void number(Map<String, Field> all, String keyword, int digits, ToIntFunction<LocalDateTime> value) {
        Field field = (time, filled) -> padded(value.applyAsInt(time), filled ? digits : 1);
        all.put(keyword, field);
        all.put(keyword.toLowerCase(Locale.ROOT), field);
    }

    private static void fraction(Map<String, Field> all, String keyword, int digits) {
        int unit = (int) Math.pow(10, 9 - digits);
        Field field = (time, filled) -> padded(time.getNano() / unit, digits);
        all.put(keyword, field);
        all.put(keyword.toLowerCase(Locale.ROOT), field);
    }

    private static void names(Map<String, Field> all, String keyword, int width, Function<LocalDateTime, String> name) {
        all.put(keyword, (time, filled) -> padded(name.apply(time), filled ? width : 0));
        String upper = keyword.toUpperCase(Locale.ROOT);
        all.put(upper, (time, filled) -> padded(name.apply(time).toUpperCase(Locale.ROOT), filled ? width : 0));
        String lower = keyword.toLowerCase(Locale.ROOT);
        all.put(lower, (time, filled) -> padded(name.apply(time).toLowerCase(Locale.ROOT), filled ? width : 0));
    }

    private static String padded(String name, int width) {
        return name + " ".repeat(Math.max(0, width - name.length()));
    }

    private static String padded(int number, int digits) {
        return String.format(Locale.ROOT, "%0" + digits + "d", number);
    }

    /** Before Christ counted from 1. */
    private static int year(LocalDateTime time) {
        return time.getYear() > 0 ? time.getYear() : 1 - time.getYear();
    }

    private static int isoYear(LocalDateTime time) {
        int year = time.get(IsoFields.WEEK_BASED_YEAR);
        return year > 0 ? year : 1 - year;
    }

    private static int isoWeek(LocalDateTime time) {
        return time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
    }
}
