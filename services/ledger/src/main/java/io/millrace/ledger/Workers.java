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
    private static final String PATIENCE = "interval '15 s'";

    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final Duration OLD = Duration.ofSeconds(5);

    private final Jdbi jdbi;
    private final String table;
    private final String name;
    private final Loop loop;
    private final AtomicBoolean started = new AtomicBoolean();
    private volatile long said = System.nanoTime() - OLD.toNanos();

    /**
     * @param schema of the ledger
     * @param instance of the hub, for people; no other run of it has this worker's name
     */
    public Workers(Jdbi jdbi, String schema, String instance) {
        this.jdbi = jdbi;
        this.table = schema + ".worker";
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
            LOG.debug("{} is out of reach, as whoever works there says", table, away);
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
                    "INSERT INTO " + table + " (name, alive_until) VALUES (?, clock_timestamp() + " + PATIENCE
                            + ") ON CONFLICT (name) DO UPDATE SET alive_until = excluded.alive_until",
                    name);
            handle.execute("DELETE FROM " + table + " WHERE alive_until < clock_timestamp() - interval '1 day'");
        });
        said = now;
    }

    /** In SQL, whether the owner that a column names is not at work any more. */
    public String isGone(String column) {
        return "NOT EXISTS (SELECT FROM " + table + " w WHERE w.name = " + column
                + " AND w.alive_until > clock_timestamp())";
    }

    @Override
    public void close() {
        loop.close();
    }
}
