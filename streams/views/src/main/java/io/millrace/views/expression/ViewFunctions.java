package io.millrace.views.expression;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All functions and operators of views, and how they are computed. */
public final class ViewFunctions {
    private static final Map<String, Implementation> IMPLEMENTATIONS = implementations();

    /** In the order of the documentation: title to functions. */
    public static final Map<String, List<ViewFunction>> BY_TOPIC = byTopic();

    private ViewFunctions() {}

    private static Map<String, Implementation> implementations() {
        Map<String, Implementation> all = new HashMap<>();
        Comparisons.register(all);
        Numbers.register(all);
        TimeFunctions.register(all);
        TextFunctions.register(all);
        return Map.copyOf(all);
    }

    /** @param signature as {@code round(numeric,int4)} or {@code +(int4,int4)}; null if views do not have it */
    public static @Nullable Implementation of(String signature) {
        return IMPLEMENTATIONS.get(signature);
    }

    /** Every signature that views have. */
    public static java.util.Set<String> signatures() {
        return IMPLEMENTATIONS.keySet();
    }

    private static Map<String, List<ViewFunction>> byTopic() {
        Map<String, List<ViewFunction>> topics = new LinkedHashMap<>();
        topics.put(
                "Conditions",
                List.of(
                        new ViewFunction("coalesce(a, b, …)", "the first that is not null"),
                        new ViewFunction("nullif(a, b)", "null if they are equal"),
                        new ViewFunction("greatest(a, b, …)", "nulls are skipped"),
                        new ViewFunction("least(a, b, …)", "nulls are skipped")));
        topics.put(
                "Numbers",
                List.of(
                        new ViewFunction("abs(n)", "", "abs"),
                        new ViewFunction("ceil(n)", "also ceiling(n)", "ceil", "ceiling"),
                        new ViewFunction("floor(n)", "", "floor"),
                        new ViewFunction("mod(a, b)", "as a % b", "mod"),
                        new ViewFunction(
                                "round(n, places)",
                                "of numerics half away from zero; without places also of double precision, half to even",
                                "round"),
                        new ViewFunction("sign(n)", "-1, 0 or 1", "sign"),
                        new ViewFunction("trunc(n, places)", "towards zero; places 0 unless given", "trunc")));
        topics.put(
                "Dates and times",
                List.of(
                        new ViewFunction(
                                "date_trunc('field', time)",
                                "of timestamp and timestamptz, from microsecond to millennium; of a date the result is a timestamptz:"
                                        + " date_trunc('month', d)::date",
                                "date_trunc"),
                        new ViewFunction(
                                "extract(field from time)",
                                "millennium, century, decade, year, quarter, month, week, day, doy, dow, isodow, isoyear, epoch; of a timestamp also"
                                        + " hour, minute, second, milliseconds, microseconds; also of an interval; date_part('field', time) gives double"
                                        + " precision",
                                "extract",
                                "date_part"),
                        new ViewFunction("make_date(year, month, day)", "", "make_date"),
                        new ViewFunction(
                                "timezone('UTC', time)",
                                "a timestamptz as timestamp, and back; also time AT TIME ZONE 'UTC'",
                                "timezone"),
                        new ViewFunction(
                                "to_char(time, 'pattern')",
                                "of " + String.join(", ", PatternFields.SHOWN)
                                        + ", also in lower case and after FM; text in double quotes, and punctuation",
                                "to_char")));
        topics.put(
                "Text",
                List.of(
                        new ViewFunction(
                                "char_length(t)", "also character_length(t)", "char_length", "character_length"),
                        new ViewFunction("concat(a, b, …)", "nulls are skipped", "concat"),
                        new ViewFunction("left(t, n)", "all but the last -n if n < 0", "left"),
                        new ViewFunction("length(t)", "", "length"),
                        new ViewFunction(
                                "lower(t)", "each character by itself, as Postgres with a C.UTF-8 locale", "lower"),
                        new ViewFunction(
                                "lpad(t, n, fill)",
                                "cut to n characters if longer; a space unless fill is given",
                                "lpad"),
                        new ViewFunction("btrim(t, characters)", "spaces unless characters are given", "btrim"),
                        new ViewFunction("ltrim(t, characters)", "spaces unless characters are given", "ltrim"),
                        new ViewFunction("rtrim(t, characters)", "spaces unless characters are given", "rtrim"),
                        new ViewFunction("trim([both | leading | trailing] [characters] from t)", "also trim(t)"),
                        new ViewFunction("position(part in t)", "0 if it is not in there", "position"),
                        new ViewFunction("replace(t, from, to)", "", "replace"),
                        new ViewFunction("right(t, n)", "all but the first -n if n < 0", "right"),
                        new ViewFunction(
                                "rpad(t, n, fill)",
                                "cut to n characters if longer; a space unless fill is given",
                                "rpad"),
                        new ViewFunction("split_part(t, delimiter, n)", "from the end if n < 0", "split_part"),
                        new ViewFunction("strpos(t, part)", "0 if it is not in there", "strpos"),
                        new ViewFunction(
                                "substring(t from start for length)",
                                "also substring(t, start, length), substr(t, start, length); without length: to the end",
                                "substring",
                                "substr"),
                        new ViewFunction(
                                "upper(t)", "each character by itself, as Postgres with a C.UTF-8 locale", "upper")));
        return topics;
    }
}
