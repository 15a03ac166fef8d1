package io.millrace.gateway.door;

import io.millrace.gateway.http.Problem;
import io.millrace.gateway.live.Doorkeeper;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.AccessEvent;
import io.millrace.operations.access.ApiKey;
import io.millrace.operations.access.Caller;
import io.millrace.operations.access.SignedIn;
import io.millrace.operations.access.Token;
import io.millrace.platform.loop.Loop;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who comes in. */
public final class Door implements Doorkeeper, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Door.class);
    private static final Duration FLUSH = Duration.ofSeconds(10);

    private final KnownKeys keys;
    private final KnownSessions sessions;
    private final Refusals refusals;
    private final Loop flush = new Loop("gateway-door", this::flush);

    public Door(Access access) {
        this.keys = new KnownKeys(access.keys());
        this.sessions = new KnownSessions(access.sessions());
        this.refusals = new Refusals(access.events());
    }

    /** Begins to write down when keys and sessions are used, and what is refused. */
    public void start() {
        flush.start();
    }

    /**
     * The key of a header, if it is in force.
     *
     * @param beforeLookup is run before the database is asked, which it may prevent
     * @throws Problem if it is not accepted
     */
    ApiKey key(String header, String from, Runnable beforeLookup) {
        return reached(() -> keys.require(header, from, beforeLookup));
    }

    /** The person of a cookie; empty if the session is over, or never was one. */
    Optional<SignedIn> person(Token text, Runnable beforeLookup) {
        return reached(() -> sessions.find(text, beforeLookup));
    }

    @Override
    public Caller accept(String text, String from) {
        try {
            return key("Bearer " + text, from, () -> {});
        } catch (Problem refused) {
            if (refused.kind() == Problem.Kind.BAD_KEY) {
                refused(AccessEvent.Kind.KEY_REFUSED, "somebody", from, "WebSocket");
            }
            throw refused;
        }
    }

    @Override
    public Optional<? extends Caller> inForce(Caller caller) {
        return reached(() -> switch (caller) {
            case ApiKey key -> keys.inForce(key.id());
            case SignedIn person -> sessions.inForce(person.id());
        });
    }

    /** Sessions or keys were changed here: the next request sees it at once. */
    public void changed() {
        sessions.changed();
        keys.changed();
    }

    /** Somebody was refused. */
    void refused(AccessEvent.Kind kind, String who, String address, String detail) {
        refusals.count(kind, who, address, detail);
    }

    private static <T> T reached(Supplier<T> look) {
        try {
            return look.get();
        } catch (JdbiException away) {
            throw new Problem(
                    Problem.Kind.UNAVAILABLE,
                    "keys and sessions cannot be looked up now: the analytics database is unreachable",
                    "try again in a moment");
        }
    }

    private Duration flush() {
        try {
            keys.flush();
            sessions.flush();
            refusals.flush();
        } catch (JdbiException away) {
            LOG.warn("gateway: what keys and sessions did cannot be written down now: {}", away.getMessage());
        }
        return FLUSH;
    }

    @Override
    public void close() {
        flush.close();
        flush();
    }
}
