package io.millrace.views.lane;

import io.millrace.catalog.ViewFile;
import io.millrace.catalog.ViewFiles;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.planner.ViewPlanner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Views over {@link LaneTables}, each with what it shows in plain Java. Those with one name are generations of one view. */
@SuppressWarnings("ImmutableEnumChecker") // nobody changes them
public enum LaneViewsOf {
    ALL("all_rows", "SELECT id, g, n FROM a", (tables, failed) -> rows(tables.a.values())),
    QUOTIENT("quotient", "SELECT id, 100 / n AS q FROM a", (tables, failed) -> {
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (@Nullable Object[] row : tables.a.values()) {
            Integer n = (Integer) row[2];
            if (n != null && n == 0) {
                failed.add(Arrays.asList(row[0], n).toString());
            } else {
                rows.add(new @Nullable Object[] {row[0], n == null ? null : 100 / n});
            }
        }
        return rows(rows);
    }),
    QUOTIENT_OTHERWISE("quotient", "SELECT id, 100 / (n - 1) AS q, g FROM a", (tables, failed) -> {
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (@Nullable Object[] row : tables.a.values()) {
            Integer n = (Integer) row[2];
            if (n != null && n == 1) {
                failed.add(Arrays.toString(row));
            } else {
                rows.add(new @Nullable Object[] {row[0], n == null ? null : 100 / (n - 1), row[1]});
            }
        }
        return rows(rows);
    }),
    GROUPS(
            "groups",
            "SELECT g, count(*) AS c, sum(n) AS s FROM a GROUP BY g",
            (tables, failed) -> groups(tables, false)),
    GROUPS_OTHERWISE("groups", "SELECT g, max(n) AS m FROM a GROUP BY g", (tables, failed) -> groups(tables, true)),
    TOTAL("total", "SELECT count(*) AS c FROM a", (tables, failed) -> List.of("[" + tables.a.size() + "]")),
    JOINED(
            "joined",
            "SELECT a.id, b.name FROM a JOIN b ON b.id = a.g",
            (tables, failed) -> rows(tables.a.values().stream()
                    .filter(row -> row[1] != null && tables.b.containsKey(row[1]))
                    .map(row -> new @Nullable Object[] {row[0], Objects.requireNonNull(tables.b.get(row[1]))[1]})
                    .toList())),
    LONG_KEY("long_key", "SELECT id, rpad('x', n * 500) AS t FROM a", "-- key: id, t\n", (tables, failed) -> {
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (@Nullable Object[] row : tables.a.values()) {
            Integer n = (Integer) row[2];
            String text = n == null ? null : n <= 0 ? "" : "x" + " ".repeat(n * 500 - 1);
            if (n != null && n >= 5) {
                failed.add(Arrays.asList(row[0], text).toString());
            } else {
                rows.add(new @Nullable Object[] {row[0], text});
            }
        }
        return rows(rows);
    }),
    LARGE_CONTROL("large", true, "SELECT id, n FROM a WHERE n > 3", (tables, failed) -> large(tables)),
    LARGE_VIEW("large", false, "SELECT id, n FROM a WHERE n > 3", (tables, failed) -> large(tables));

    final String view;
    final boolean control;
    public final ViewPlan plan;
    private final BiFunction<LaneTables, Set<String>, List<String>> shown;

    LaneViewsOf(String view, String sql, BiFunction<LaneTables, Set<String>, List<String>> shown) {
        this(view, false, sql, shown);
    }

    LaneViewsOf(String view, String sql, String header, BiFunction<LaneTables, Set<String>, List<String>> shown) {
        this(view, false, header + sql, shown);
    }

    LaneViewsOf(String view, boolean control, String sql, BiFunction<LaneTables, Set<String>, List<String>> shown) {
        this.view = view;
        this.control = control;
        this.shown = shown;
        ViewFile file = ViewFiles.parse("views/" + view + ".sql", sql);
        this.plan = ((ViewPlanner.Result.Planned)
                        new ViewPlanner(List.of(LaneTables.TABLE_A, LaneTables.TABLE_B), 1).plan(file))
                .plan();
    }

    private static List<String> large(LaneTables tables) {
        return rows(tables.a.values().stream()
                .filter(row -> row[2] != null && (Integer) row[2] > 3)
                .map(row -> new @Nullable Object[] {row[0], row[2]})
                .toList());
    }

    private static List<String> groups(LaneTables tables, boolean max) {
        Map<String, List<@Nullable Object[]>> groups = new TreeMap<>();
        tables.a
                .values()
                .forEach(row -> groups.computeIfAbsent(String.valueOf(row[1]), unseen -> new ArrayList<>())
                        .add(row));
        return groups.entrySet().stream()
                .map(group -> {
                    List<Integer> values = group.getValue().stream()
                            .map(row -> (Integer) row[2])
                            .filter(Objects::nonNull)
                            .toList();
                    Object shown = values.isEmpty()
                            ? null
                            : max
                                    ? values.stream()
                                            .max(Comparator.naturalOrder())
                                            .orElseThrow()
                                    : (Object) values.stream()
                                            .mapToLong(Integer::longValue)
                                            .sum();
                    return max
                            ? "[" + group.getKey() + ", " + shown + "]"
                            : "[" + group.getKey() + ", " + group.getValue().size() + ", " + shown + "]";
                })
                .sorted()
                .toList();
    }

    private static List<String> rows(Iterable<@Nullable Object[]> rows) {
        List<String> texts = new ArrayList<>();
        rows.forEach(row -> texts.add(Arrays.toString(row)));
        texts.sort(null);
        return texts;
    }

    /** The rows as texts, sorted. */
    public List<String> rows(LaneTables tables) {
        return shown.apply(tables, new TreeSet<>());
    }

    /** The rows that are kept out, as texts. */
    Set<String> failed(LaneTables tables) {
        Set<String> failed = new TreeSet<>();
        List<String> others = shown.apply(tables, failed);
        failed.removeAll(others);
        return failed;
    }

    static Stream<LaneViewsOf> all() {
        return Stream.of(values());
    }
}
