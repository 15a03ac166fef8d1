package io.millrace.gateway.settings;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.millrace.gateway.http.Problem;
import io.millrace.operations.settings.Flag;
import io.millrace.operations.settings.Settings;
import java.time.Duration;
import org.jdbi.v3.core.JdbiException;

/** Flags, each looked up once a second at most. */
public final class KnownFlags {
    private static final Duration KEPT = Duration.ofSeconds(1);

    private final LoadingCache<Flag, Boolean> known;

    public KnownFlags(Settings settings) {
        this.known = Caffeine.newBuilder().expireAfterWrite(KEPT).build(settings::isOn);
    }

    /** Whether nothing may be changed now. */
    public boolean readOnly() {
        try {
            return known.get(Flag.GATEWAY_READ_ONLY);
        } catch (JdbiException away) {
            throw new Problem(
                    Problem.Kind.UNAVAILABLE,
                    "flags cannot be looked up now: the analytics database is unreachable",
                    "try again in a moment");
        }
    }

    /** A flag was set here. */
    void changed() {
        known.invalidateAll();
    }
}
