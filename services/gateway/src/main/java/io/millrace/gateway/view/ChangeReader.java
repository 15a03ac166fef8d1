package io.millrace.gateway.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.gateway.view.Relation.Column;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.PgText;
import io.millrace.schemas.row.RowDecoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the rows whose keys changed, as they are in one state of the database. Where many follow the same rows, it is read once for all
 * of them.
 */
final class ChangeReader {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Where more keys changed, all rows are read page by page: a message has a size. */
    private static final int MOST_KEYS = 5_000;

    private static final long LARGEST = 8L << 20;

    private static final long KEPT_BYTES = 16L << 20;
    private static final Duration KEPT = Duration.ofSeconds(10);
    private static final int OVERHEAD_BYTES = 500;

    /** The topic is ahead of the tables, as a rule. */
    private static final long TOPIC_LIMIT_MILLIS = 500;

    /** Of each nullable column a key has two forms; beyond this, Postgres compares every row. */
    private static final int MOST_NULLABLE = 4;

    private final ReadPool pool;
    private final UpdatesTail tail;
    private final SchemaRegistry registry;
    private final String source;
    private final @Nullable String tenantColumn;
    private final SharedReads<String, Changes> shared = new SharedReads<>();
    private final Cache<String, Changes> kept = Caffeine.newBuilder()
            .maximumWeight(KEPT_BYTES)
            .expireAfterWrite(KEPT)
            .weigher((String query, Changes changes) -> query.length() + changes.upserts().length + OVERHEAD_BYTES)
            .build();

    ChangeReader(
            ReadPool pool, UpdatesTail tail, SchemaRegistry registry, String source, @Nullable String tenantColumn) {
        this.tenantColumn = tenantColumn;
        this.pool = pool;
        this.tail = tail;
        this.registry = registry;
        this.source = source;
    }

    /** Connections for followers: they do not take those of others. */
    ReadPool pool() {
        return pool;
    }

    UpdatesTail tail() {
        return tail;
    }

    /** It is not known what changed: the topic is not read so far. */
    static final class Behind extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Behind() {
            super("the topic is behind the tables", null, false, false);
        }
    }

    /**
     * What changed.
     *
     * @param query rows with their keys; cursor and limit count for nothing
     * @param from epoch of the state that the reader has
     * @param changedEpoch the last that changed the view, as of that state
     * @param atLeast what the new state must not be older than
     * @throws State.Replaced if another relation is there now
     */
    Changes read(RowQuery query, long from, long changedEpoch, Applied atLeast) {
        String key = query.relation().oid() + " " + changedEpoch + "\n" + query.text();
        long needed = atLeast.lastChange(query.relation());
        Changes known = kept.getIfPresent(key);
        if (known != null && known.state().epoch() >= needed) {
            return known;
        }
        Changes read = shared.read(key, () -> {
            Changes fresh = pool.read(query.tenants(), connection -> read(connection, query, from));
            kept.put(key, fresh);
            return fresh;
        });
        // Whoever was reading already may have begun before.
        return read.state().epoch() >= needed
                ? read
                : pool.read(query.tenants(), connection -> read(connection, query, from));
    }

    private Changes read(Connection connection, RowQuery query, long from) throws SQLException {
        State state = State.read(connection, query.relation(), source);
        ChangedKeys keys = tail.keys();
        try {
            if (!keys.await(state.epoch(), TOPIC_LIMIT_MILLIS)) {
                throw new Behind();
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new Behind();
        }
        if (!keys.covers(from) || state.epoch() < from) {
            return whole(state);
        }
        ChangedKeys.Changed changed = keys.between(query.relation().name(), from, state.epoch());
        if (changed.whole() || changed.keys().size() > MOST_KEYS) {
            return whole(state);
        }
        if (changed.keys().isEmpty()) {
            return new Changes(state, false, new byte[0], List.of(), List.of());
        }
        try {
            return rows(connection, query, changed.keys(), state);
        } catch (SQLException failed) {
            throw PageReader.refused(failed, query);
        }
    }

    private static Changes whole(State state) {
        return new Changes(state, true, new byte[0], List.of(), List.of());
    }

    private Changes rows(Connection connection, RowQuery query, Collection<ByteBuffer> framed, State state)
            throws SQLException {
        ByteArrayOutputStream upserts = new ByteArrayOutputStream();
        List<String> upserted = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        Condition filter = query.filter();
        List<String> tenants = query.tenants().names();
        try (PreparedStatement select = connection.prepareStatement(sql(query, filter, tenantColumn))) {
            List<@Nullable String[]> columns = texts(query, framed);
            for (int i = 0; i < columns.size(); i++) {
                select.setArray(i + 1, connection.createArrayOf("text", columns.get(i)));
            }
            for (int i = 0; i < filter.values().size(); i++) {
                select.setString(columns.size() + i + 1, filter.values().get(i));
            }
            if (!tenants.isEmpty()) {
                select.setArray(
                        columns.size() + filter.values().size() + 1,
                        connection.createArrayOf("text", tenants.toArray()));
            }
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String key = String.valueOf(row.getString(1));
                    String object = row.getString(2);
                    if (object == null) {
                        missing.add(key);
                        continue;
                    }
                    upserted.add(key);
                    upserts.writeBytes(((upserts.size() == 0 ? "" : ",") + "{\"key\":" + JSON.writeValueAsString(key)
                                    + ",\"row\":" + object + "}")
                            .getBytes(StandardCharsets.UTF_8));
                    if (upserts.size() > LARGEST) {
                        return whole(state);
                    }
                }
            }
        }
        // Had it been replaced since, the new table would have looked empty.
        State.requireSame(connection, query.relation());
        return new Changes(state, false, upserts.toByteArray(), List.copyOf(upserted), List.copyOf(missing));
    }

    private List<@Nullable String[]> texts(RowQuery query, Collection<ByteBuffer> framed) {
        List<String> names = query.relation().key();
        RowDecoder decoder = new RowDecoder(registry, names);
        List<@Nullable String[]> columns =
                names.stream().map(name -> new @Nullable String[framed.size()]).collect(Collectors.toList());
        int at = 0;
        for (ByteBuffer key : framed) {
            byte[] bytes = new byte[key.remaining()];
            key.duplicate().get(bytes);
            @Nullable Object[] values = decoder.decode(bytes);
            for (int i = 0; i < names.size(); i++) {
                Object value = values[i];
                columns.get(i)[at] = value == null ? null : PgText.of(value);
            }
            at++;
        }
        return columns;
    }

    private static String sql(RowQuery query, Condition filter, @Nullable String tenantColumn) {
        List<Column> key = query.key();
        String arrays = key.stream()
                .map(column -> "(?::text[])::" + column.baseType() + "[]")
                .collect(Collectors.joining(", "));
        String names = IntStream.range(0, key.size()).mapToObj(i -> "k" + i).collect(Collectors.joining(", "));
        return "WITH k AS (SELECT DISTINCT * FROM unnest(" + arrays + ") AS u(" + names + ")) SELECT "
                + KeySql.ofNumbered(key) + ", CASE WHEN t.tableoid IS NOT NULL THEN " + query.object()
                + " END FROM k LEFT JOIN LATERAL (" + ofKey(query.relation(), key) + ") t ON true"
                + (filter.sql().isEmpty() ? "" : " AND " + filter.sql())
                // Keys of other tenants are not told either.
                + (query.tenants().isAll()
                        ? ""
                        : " WHERE k.k" + query.relation().key().indexOf(tenantColumn) + "::text = ANY (?::text[])");
    }

    /** The row of a key, found by the index: "is not distinct from" would not use it. */
    private static String ofKey(Relation relation, List<Column> key) {
        List<Integer> nullable = IntStream.range(0, key.size())
                .filter(i -> key.get(i).nullable())
                .boxed()
                .toList();
        String select = "SELECT v.tableoid, v.* FROM " + relation.quoted() + " v WHERE ";
        if (nullable.size() > MOST_NULLABLE) {
            return select
                    + IntStream.range(0, key.size())
                            .mapToObj(i -> "v." + key.get(i).quoted() + " IS NOT DISTINCT FROM k.k" + i)
                            .collect(Collectors.joining(" AND "));
        }
        return IntStream.range(0, 1 << nullable.size())
                .mapToObj(nulls -> select
                        + IntStream.range(0, key.size())
                                .mapToObj(i -> {
                                    boolean isNull = nullable.contains(i) && (nulls >> nullable.indexOf(i) & 1) == 1;
                                    String column = "v." + key.get(i).quoted();
                                    return isNull
                                            ? column + " IS NULL AND k.k" + i + " IS NULL"
                                            : column + " = k.k" + i;
                                })
                                .collect(Collectors.joining(" AND ")))
                .collect(Collectors.joining(" UNION ALL "));
    }
}
