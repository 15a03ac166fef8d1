package io.millrace.gateway.alert;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.millrace.gateway.live.Feed;
import io.millrace.gateway.live.FeedKind;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import io.millrace.operations.alerts.AlertRow;
import io.millrace.operations.alerts.Alerts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Alerts for those who follow them: the unresolved ones, and then each that changes. */
public final class AlertFeeds {
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int MOST = 10_000;

    private final Function<Tenants, Alerts> alerts;

    /** Read once for all who follow. */
    private final LoadingCache<Tenants, List<AlertRow>> unresolved;

    /** @param alerts that somebody may see */
    public AlertFeeds(Function<Tenants, Alerts> alerts) {
        this.alerts = alerts;
        this.unresolved = Caffeine.newBuilder()
                .expireAfterWrite(LOOK.minusMillis(50))
                .build(whose -> alerts.apply(whose).list("unresolved", null, MOST));
    }

    public FeedKind kind() {
        return new FeedKind(
                "alerts", Permission.ALERTS_READ, List.of(), (arguments, key) -> new AlertFeed(key.tenants()));
    }

    private final class AlertFeed implements Feed {
        /** By id, of those that were unresolved when they were told of. */
        private final Map<String, Long> told = new HashMap<>();

        private final Tenants whose;
        private boolean begun;
        private volatile long lookedAt = System.nanoTime() - LOOK.toNanos();

        AlertFeed(Tenants whose) {
            this.whose = whose;
        }

        @Override
        public @Nullable Message next() {
            if (!isWaiting()) {
                return null;
            }
            List<AlertRow> now = unresolved.get(whose);
            lookedAt = System.nanoTime();
            List<AlertRow> changed = new ArrayList<>(now.stream()
                    .filter(alert -> told.getOrDefault(alert.id(), -1L) < alert.version())
                    .toList());
            List<String> ids = now.stream().map(AlertRow::id).toList();
            java.util.Set<String> there = new java.util.HashSet<>(ids);
            told.keySet().stream()
                    .filter(id -> !there.contains(id))
                    .toList()
                    .forEach(gone -> alerts.apply(whose).byId(gone).ifPresent(alert -> {
                        told.remove(gone);
                        changed.add(alert);
                    }));
            now.forEach(alert -> told.put(alert.id(), alert.version()));
            if (begun && changed.isEmpty()) {
                return null;
            }
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            members.put("type", "alerts");
            members.put("first", !begun);
            members.put(
                    "alerts", changed.stream().map(AlertEndpoints::described).collect(Collectors.toList()));
            begun = true;
            return new Message(members, Map.of());
        }

        @Override
        public boolean isWaiting() {
            return System.nanoTime() - lookedAt >= LOOK.toNanos();
        }

        @Override
        public Duration rest() {
            return LOOK;
        }
    }
}
