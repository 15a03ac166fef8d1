package io.millrace.gateway.view;

import io.micrometer.core.instrument.Counter;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.redis.Redis;
import io.millrace.platform.metrics.HubMetric;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pages that gateways share in Redis. A page's name says of what state of what database it is, so there is nothing to invalidate: a
 * view that changed has pages of another name.
 */
final class SharedPages {
    /** Of the form below: another version reads none of these. */
    private static final int FORM = 1;

    private static final Duration AGE = Duration.ofMinutes(10);
    private static final int LARGEST = 256 << 10;

    /**
     * Which database it is, beside its address. A restored one and one of before have other values, though their epochs and oids may be
     * the same; a copy has another address.
     */
    private static final String IDENTITY =
            "SELECT (pg_control_system()).system_identifier || '.' || (pg_control_checkpoint()).timeline_id || '.' || oid"
                    + " FROM pg_database WHERE datname = current_database()";

    private final Redis redis;
    private final ReadPool pool;
    private final String source;
    private final String address;
    private final Counter hits = HubMetric.GATEWAY_CACHE.counter("shared hit");
    private final Counter misses = HubMetric.GATEWAY_CACHE.counter("shared miss");
    private volatile @Nullable String identity;

    /** @param address of the analytics database, as all gateways that share have it */
    SharedPages(Redis redis, ReadPool pool, String source, String address) {
        this.address = address;
        this.redis = redis;
        this.pool = pool;
        this.source = source;
    }

    /** A page that some gateway read; empty if there is none. What a report shows may depend on the time: none is shared. */
    Optional<Page> find(RowQuery query, Applied applied) {
        if (query.relation().kind() != Relation.Kind.VIEW) {
            return Optional.empty();
        }
        Optional<Page> found = name(query, applied).flatMap(redis::get).flatMap(SharedPages::parse);
        (found.isPresent() ? hits : misses).increment();
        return found;
    }

    /** Others may take it, if it is of the state that is known here. */
    void share(RowQuery query, Applied applied, Page page) {
        Long changed = page.changedEpoch();
        if (page.rows().length <= LARGEST && changed != null && changed == applied.lastChange(query.relation())) {
            name(query, applied).ifPresent(name -> redis.put(name, written(page), AGE));
        }
    }

    private Optional<String> name(RowQuery query, Applied applied) {
        Relation now = applied.relations().get(query.relation().name());
        String database = database();
        if (now == null || database == null || now.oid() != query.relation().oid()) {
            return Optional.empty();
        }
        String state = String.join(
                "\n",
                address,
                database,
                source,
                String.valueOf(now.oid()),
                now.generation(),
                String.valueOf(now.changedEpoch()),
                now.changedLsn(),
                String.valueOf(now.excludedRows()),
                query.text());
        try {
            return Optional.of("page:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256")
                                    .digest(state.getBytes(StandardCharsets.UTF_8))));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /** Null if it cannot be read now. Asked again at the next page: a standby that takes over has another timeline. */
    private @Nullable String database() {
        String known = identity;
        if (known != null) {
            return known;
        }
        try {
            String read = pool.read(connection -> {
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery(IDENTITY)) {
                    row.next();
                    return String.valueOf(row.getString(1));
                }
            });
            identity = read;
            return read;
        } catch (Problem away) {
            return null;
        }
    }

    /** The database was away: it may be another one now. */
    void forget() {
        identity = null;
    }

    private static byte[] written(Page page) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(page.rows().length + 200);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORM);
            out.writeLong(page.oid());
            out.writeBoolean(page.more());
            text(out, page.next().orElse(null));
            text(out, page.count() == null ? null : String.valueOf(page.count()));
            out.writeLong(page.excludedRows());
            out.writeLong(page.epoch());
            text(out, page.lsn());
            text(out, page.committedAt().toString());
            text(out, page.changedEpoch() == null ? null : String.valueOf(page.changedEpoch()));
            out.writeBoolean(page.moved());
            text(out, page.readAt().toString());
            out.writeInt(page.rows().length);
            out.write(page.rows());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /** Empty if it is none that this version wrote. */
    private static Optional<Page> parse(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != FORM) {
                return Optional.empty();
            }
            long oid = in.readLong();
            boolean more = in.readBoolean();
            Optional<String> next = Optional.ofNullable(text(in));
            String count = text(in);
            long excluded = in.readLong();
            long epoch = in.readLong();
            String lsn = String.valueOf(text(in));
            Instant committedAt = Instant.parse(String.valueOf(text(in)));
            String changed = text(in);
            boolean moved = in.readBoolean();
            Instant readAt = Instant.parse(String.valueOf(text(in)));
            byte[] rows = new byte[Math.min(in.readInt(), LARGEST)];
            in.readFully(rows);
            return Optional.of(new Page(
                    oid,
                    rows,
                    more,
                    next,
                    count == null ? null : Long.valueOf(count),
                    excluded,
                    epoch,
                    lsn,
                    committedAt,
                    changed == null ? null : Long.valueOf(changed),
                    moved,
                    readAt));
        } catch (IOException | RuntimeException foreign) {
            return Optional.empty();
        }
    }

    private static void text(DataOutputStream out, @Nullable String text) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            out.writeInt(utf8.length);
            out.write(utf8);
        }
    }

    private static @Nullable String text(DataInputStream in) throws IOException {
        if (!in.readBoolean()) {
            return null;
        }
        byte[] utf8 = new byte[Math.min(in.readInt(), LARGEST)];
        in.readFully(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
