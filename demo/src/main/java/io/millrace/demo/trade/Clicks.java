package io.millrace.demo.trade;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Clicks of a tenant's users, one transaction each, made once whatever happens to the database meanwhile. */
final class Clicks {
    private static final long RETRY_NANOS = 200_000_000L;

    private final Jdbi jdbi;
    private final Books books;
    private final BooleanSupplier stopping;
    private final List<Long> committed = Collections.synchronizedList(new ArrayList<>());
    private @Nullable Handle handle;
    private long changes;

    Clicks(Jdbi jdbi, Books books, BooleanSupplier stopping) {
        this.jdbi = jdbi;
        this.books = books;
        this.stopping = stopping;
    }

    int tenant() {
        return books.tenant;
    }

    /** Nobody waits for the click any more. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** The user with a role does something in one transaction. */
    <T> T as(String role, Function<Books, T> click) {
        while (true) {
            long xid = 0;
            List<T> result = new ArrayList<>(1);
            try {
                Handle connection = connected();
                connection.begin();
                books.begin(Opening.user(role, books.tenant));
                xid = books.announce();
                result.add(click.apply(books));
                connection.commit();
                count(xid);
                return result.getFirst();
            } catch (RuntimeException broken) {
                disconnect();
                if (!passing(broken)) {
                    throw broken;
                }
                if (!result.isEmpty() && wasCommitted(xid)) {
                    count(xid);
                    return result.getFirst();
                }
                pause();
            }
        }
    }

    private void count(long xid) {
        committed.add(xid);
        changes += books.changes();
    }

    private Handle connected() {
        Handle connection = handle;
        if (connection == null) {
            connection = jdbi.open();
            books.attach(connection);
            handle = connection;
        }
        return connection;
    }

    private boolean wasCommitted(long xid) {
        while (true) {
            try (Handle connection = jdbi.open()) {
                return Books.wasCommitted(connection, xid);
            } catch (JdbiException broken) {
                if (!passing(broken)) {
                    throw broken;
                }
                // Also when stopping: what was committed must be known.
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private void pause() {
        if (stopping.getAsBoolean()) {
            throw new Stopped();
        }
        LockSupport.parkNanos(RETRY_NANOS);
    }

    /** Whether the database was restarted or is unreachable, which passes. */
    static boolean passing(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState().startsWith("08") || sql.getSQLState().startsWith("57P");
            }
        }
        return false;
    }

    void disconnect() {
        if (handle != null) {
            try {
                handle.close();
            } catch (JdbiException broken) {
                // It is of no use any more.
            }
            handle = null;
        }
    }

    String lastActor() {
        return books.user();
    }

    long lastXid() {
        return committed.getLast();
    }

    List<Long> committed() {
        synchronized (committed) {
            return List.copyOf(committed);
        }
    }

    long changes() {
        return changes;
    }
}
