package io.millrace.gateway.pipeline;

import io.millrace.gateway.http.Problem;
import io.millrace.gateway.live.Feed;
import io.millrace.gateway.live.FeedKind;
import io.millrace.operations.access.Permission;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The lag for those who follow it: each new report. */
public final class LagFeeds {
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Supplier<Optional<Object>> lag;

    /** @param lag the last report; empty if role monitoring does not run in this process, or not yet */
    public LagFeeds(Supplier<Optional<Object>> lag) {
        this.lag = lag;
    }

    public FeedKind kind() {
        return new FeedKind("lag", Permission.PIPELINE_READ, List.of(), (arguments, key) -> new LagFeed());
    }

    private final class LagFeed implements Feed {
        private volatile @Nullable Object told;

        @Override
        public @Nullable Message next() {
            Object report = lag.get()
                    .orElseThrow(() -> new Problem(
                            Problem.Kind.UNAVAILABLE,
                            "there is no report of lag in this process",
                            "ask a hub that runs role monitoring; one that just started has a report within seconds"));
            if (report.equals(told)) {
                return null;
            }
            told = report;
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            members.put("type", "lag");
            members.put("report", report);
            return new Message(members, Map.of());
        }

        @Override
        public boolean isWaiting() {
            return !lag.get().equals(Optional.ofNullable(told));
        }

        @Override
        public Duration rest() {
            return LOOK;
        }
    }
}
