package io.millrace.operations.compare;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.TableName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares views with their own SQL at the source, while both go on changing. A key that differs is looked at again: between two looks
 * the view is waited for until it has what the source had. What then still is the same on both sides, and different, is a difference.
 */
public final class ViewComparison {
    /** Looks in which a key was the same before it counts. */
    private static final int LOOKS = 3;

    private static final int EXAMPLES = 3;

    /** Of more keys than these, the first ones are followed. */
    private static final int MOST_SUSPECTS = 10_000;

    private static final String RELATION_CLOCK =
            "WITH clock AS MATERIALIZED (SELECT (now() AT TIME ZONE 'UTC')::date AS today) ";
    private static final String UNDEFINED_TABLE = "42P01";
    private static final String UNDEFINED_FUNCTION = "42883";

    private final Connection source;
    private final Connection analytics;
    private final List<String> settings;
    private final Limits limits;

    /**
     * @param patience for a view's changing keys, and for views that are late
     * @param query of one query on either side
     */
    public record Limits(Duration patience, Duration query) {}

    private record Definition(String sql, List<String> key) {}

    /** A side of a key: null if there is no row. */
    private record Side(long hash, @Nullable String text) {
        static boolean same(@Nullable Side one, @Nullable Side other) {
            return one == null || other == null ? one == null && other == null : one.hash == other.hash;
        }
    }

    private record Suspect(@Nullable Side source, @Nullable Side stored, int looks) {
        boolean same(Suspect other) {
            return Side.same(source, other.source) && Side.same(stored, other.stored);
        }
    }

    private record Look(long rows, Map<String, Suspect> suspects) {}

    /**
     * @param source with the rights of capture
     * @param analytics who may read the views
     * @param schemas of the captured tables, in which names of views' queries are looked up
     */
    public ViewComparison(Connection source, Connection analytics, List<String> schemas, Limits limits) {
        this.source = source;
        this.analytics = analytics;
        this.limits = limits;
        this.settings = List.of(
                "SET LOCAL TIME ZONE 'UTC'",
                "SET LOCAL statement_timeout TO " + limits.query.toMillis(),
                // Better than to stand in the way of whoever alters a table.
                "SET LOCAL lock_timeout TO 5000",
                // An error in place of rows that a policy hides.
                "SET LOCAL row_security TO off",
                "SET LOCAL search_path TO "
                        + schemas.stream()
                                .map(schema -> '"' + schema.replace("\"", "\"\"") + '"')
                                .collect(Collectors.joining(", ")));
    }

    /** Names of all views and controls that the analytics database has. */
    public List<String> views() throws SQLException {
        List<String> views = new ArrayList<>();
        try (Statement statement = analytics.createStatement();
                ResultSet rows = statement.executeQuery("SELECT view FROM analytics.view ORDER BY view")) {
            while (rows.next()) {
                views.add(rows.getString(1));
            }
        }
        return views;
    }

    /**
     * @throws MillraceException if the views are late for too long
     * @throws SQLException if a server does not answer
     */
    public Compared compare(String view) throws SQLException {
        Definition definition = definition(view);
        if (definition == null) {
            return new Compared.Unknown(view, "the analytics database does not have it");
        }
        long deadline = System.nanoTime() + limits.patience.toNanos();
        Map<String, Suspect> suspects = Map.of();
        for (int looks = 1; true; looks++) {
            Look look;
            try {
                look = look(view, definition, looks == 1 ? null : suspects);
            } catch (SQLException failed) {
                String why = why(failed);
                if (why.isEmpty()) {
                    throw failed;
                }
                return new Compared.Unknown(view, why);
            }
            suspects = look.suspects;
            Map<String, Suspect> certain = new HashMap<>(suspects);
            certain.values().removeIf(suspect -> suspect.looks < LOOKS);
            if (suspects.size() == certain.size() || System.nanoTime() > deadline) {
                return certain.isEmpty()
                        ? new Compared.Equal(view, look.rows, suspects.size())
                        : new Compared.Different(view, look.rows, certain.size(), examples(certain));
            }
        }
    }

    private @Nullable Definition definition(String view) throws SQLException {
        try (PreparedStatement select =
                analytics.prepareStatement("SELECT sql, key FROM analytics.view WHERE view = ?")) {
            select.setString(1, view);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                Array key = row.getArray(2);
                return new Definition(Objects.requireNonNull(row.getString(1)), List.of((String[]) key.getArray()));
            }
        }
    }

    /** @param before what differed in the look before; null in the first one */
    private Look look(String view, Definition definition, @Nullable Map<String, Suspect> before) throws SQLException {
        Map<String, Side> there = new HashMap<>();
        // Of keys that are none, the view has no row.
        Set<String> twice = new HashSet<>();
        long[] rows = new long[1];
        boolean clock = definition.sql.contains("clock") && !sourceHas("clock");
        RowHashes.read(
                source, settings, clock ? RELATION_CLOCK : "", definition.sql, definition.key, (key, hash, text) -> {
                    rows[0]++;
                    boolean wanted = before != null && before.containsKey(key);
                    if (there.put(key, new Side(hash, wanted ? text : null)) != null) {
                        twice.add(key);
                    }
                });
        twice.forEach(there::remove);
        awaitViews();
        Map<String, Suspect> differing = new HashMap<>();
        RowHashes.read(
                analytics,
                settings.subList(0, 2),
                "",
                "SELECT * FROM " + new TableName("analytics", view).quoted(),
                definition.key,
                (key, hash, text) -> {
                    Side here = new Side(hash, text);
                    Side other = there.remove(key);
                    if (!Side.same(other, here)) {
                        suspect(differing, before, key, new Suspect(other, here, 1));
                    }
                });
        there.forEach((key, missing) -> suspect(differing, before, key, new Suspect(missing, null, 1)));
        return new Look(rows[0], differing);
    }

    private static void suspect(
            Map<String, Suspect> differing, @Nullable Map<String, Suspect> before, String key, Suspect now) {
        if (before == null) {
            if (differing.size() < MOST_SUSPECTS) {
                differing.put(key, now);
            }
            return;
        }
        Suspect earlier = before.get(key);
        // What began to differ since then is as old as any change: another comparison would find it.
        if (earlier != null) {
            differing.put(key, new Suspect(now.source, now.stored, earlier.same(now) ? earlier.looks + 1 : 1));
        }
    }

    private boolean sourceHas(String relation) throws SQLException {
        try (PreparedStatement select = source.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            select.setString(1, relation);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** Until the views have everything that the source had when this was called. */
    private void awaitViews() throws SQLException {
        String position;
        try (Statement statement = source.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT pg_logical_emit_message(true, 'millrace.compare', '')::text")) {
            row.next();
            position = Objects.requireNonNull(row.getString(1));
        }
        try (PreparedStatement wait =
                analytics.prepareStatement("SELECT analytics.wait_for(?::pg_lsn, make_interval(secs => ?))")) {
            wait.setString(1, position);
            wait.setDouble(2, limits.patience.toMillis() / 1_000.0);
            wait.execute();
        } catch (SQLException late) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "the views did not come to " + position + " of the source's log within "
                            + limits.patience.toSeconds() + " s: " + late.getMessage(),
                    "see why with 'millrace lag'; compare when they are well, or with a longer --patience",
                    late);
        }
    }

    /** Empty if it is not the view's query that the source cannot run. */
    private static String why(SQLException failed) {
        String state = Objects.requireNonNullElse(failed.getSQLState(), "");
        String message = String.valueOf(failed.getMessage()).lines().findFirst().orElse("");
        if (state.equals(UNDEFINED_TABLE) || state.equals(UNDEFINED_FUNCTION)) {
            return "the source does not have all that the query reads: " + message;
        }
        // Data exceptions: where one row fails, Postgres gives none, and the view the others.
        return state.startsWith("22")
                ? "the query fails at the source, and the view leaves such rows out: " + message
                : state.equals("57014") || state.equals("55P03")
                        ? "the query took too long at the source: " + message
                        : "";
    }

    private static List<Compared.Example> examples(Map<String, Suspect> certain) {
        return certain.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .limit(EXAMPLES)
                .map(suspect -> new Compared.Example(
                        suspect.getKey(), text(suspect.getValue().source), text(suspect.getValue().stored)))
                .toList();
    }

    private static @Nullable String text(@Nullable Side side) {
        return side == null ? null : side.text;
    }
}
