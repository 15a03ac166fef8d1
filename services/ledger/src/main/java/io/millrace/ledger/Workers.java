package io.millrace.ledger;

import io.millrace.platform.loop.Loop;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processes that work on a ledger's rows, in its table {@code worker}. Each says again and again that it is at work; what one had in
 * hand that does not any more is anybody's, whatever its name was.
 */
public final class Workers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    /** A process that did not say so for this long is taken for dead. One that was only held up says so before it goes on. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final Duration OLD = Duration.ofSeconds(5);

    private final Jdbi jdbi;
    private final Duration patience;
    private final String table;
    private final String leases;
    private final String name;
    private final Loop loop;
    private final AtomicBoolean started = new AtomicBoolean();
    private volatile long said = System.nanoTime() - OLD.toNanos();

    /**
     * @param schema of the ledger
     * @param instance of the hub, for people; no other run of it has this worker's name
     */
    public Workers(Jdbi jdbi, String schema, String instance) {
        this(jdbi, schema, instance, PATIENCE);
    }

    Workers(Jdbi jdbi, String schema, String instance, Duration patience) {
        this.jdbi = jdbi;
        this.patience = patience;
        this.table = schema + ".worker";
        this.leases = schema + ".lease";
        this.name = instance + "/" + UUID.randomUUID();
        this.loop = new Loop("worker of " + schema, this::next);
    }

    /** Goes on saying that this process is at work, until it is closed; a second call does nothing. */
    public void start() {
        if (started.compareAndSet(false, true)) {
            loop.start();
        }
    }

    private Duration next() {
        try {
            say();
        } catch (JdbiException away) {
            LOG.debug("{} is unreachable, as whoever works there says", table, away);
        }
        return AGAIN;
    }

    /**
     * Owner of the rows that this process takes now; others know that it is at work.
     *
     * @throws JdbiException if that cannot be said
     */
    public String atWork() {
        if (System.nanoTime() - said >= OLD.toNanos()) {
            say();
        }
        return name;
    }

    private void say() {
        long now = System.nanoTime();
        jdbi.useHandle(handle -> {
            handle.execute(
                    "INSERT INTO " + table + " (name, alive_until) VALUES (?, clock_timestamp() + ? * interval '1 ms')"
                            + " ON CONFLICT (name) DO UPDATE SET alive_until = excluded.alive_until",
                    name,
                    patience.toMillis());
            handle.execute("DELETE FROM " + table + " WHERE alive_until < clock_timestamp() - interval '1 day'");
        });
        said = now;
    }

    /** In SQL, whether the owner that a column names is not at work any more. */
    public String isGone(String column) {
        return "NOT EXISTS (SELECT FROM " + table + " w WHERE w.name = " + column
                + " AND w.alive_until > clock_timestamp())";
    }

    /**
     * Takes work that one process does at a time, unless another one that is at work has it. That alone does not keep a process from
     * it which was held up meanwhile: fence it where the work goes.
     *
     * @param what of the work, in the ledger's table {@code lease}
     * @return whether this process has it
     * @throws JdbiException if that cannot be said
     */
    public boolean take(String what) {
        String worker = atWork();
        return jdbi.withHandle(
                        handle -> handle.createQuery("INSERT INTO " + leases + " AS l (what, worker) VALUES (?, ?)"
                                        + " ON CONFLICT (what) DO UPDATE SET worker = excluded.worker"
                                        + " WHERE l.worker = excluded.worker OR " + isGone("l.worker") + " RETURNING 1")
                                .bind(0, what)
                                .bind(1, worker)
                                .mapTo(Integer.class)
                                .findOne())
                .isPresent();
    }

    /** Others need not wait until this process is taken for dead. */
    @Override
    public void close() {
        loop.close();
        if (System.nanoTime() - said < OLD.toNanos()) {
            try {
                jdbi.useHandle(handle -> handle.execute("DELETE FROM " + table + " WHERE name = ?", name));
            } catch (JdbiException away) {
                LOG.debug("{} is unreachable, so others find out by themselves that this process ended", table, away);
            }
        }
    }
}
