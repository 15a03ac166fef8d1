package io.millrace.gateway.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.Counter;
import io.millrace.platform.metrics.HubMetric;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Pages that were read lately. A page is as good as a fresh one for as long as no later epoch changed its relation; many requests for
 * the same page read it once.
 */
final class Pages {
    private static final long KEPT_BYTES = 64L << 20;

    /** A report may say what time it is. */
    private static final Duration REPORT_AGE = Duration.ofSeconds(1);

    private static final int OVERHEAD_BYTES = 500;
    private static final int ATTEMPTS = 5;

    private final Cache<String, Page> kept = Caffeine.newBuilder()
            .maximumWeight(KEPT_BYTES)
            .weigher((String query, Page page) -> query.length() + page.rows().length + OVERHEAD_BYTES)
            .build();
    private final Optional<SharedPages> shared;
    private final SharedReads<String, Page> reading = new SharedReads<>();
    private final Counter hits = HubMetric.GATEWAY_CACHE.counter("hit");
    private final Counter misses = HubMetric.GATEWAY_CACHE.counter("miss");

    /** Reads a page from the database. */
    interface Reader {
        Page read(RowQuery query);
    }

    /** @param shared pages that other gateways read, too; empty if they share none */
    Pages(Optional<SharedPages> shared) {
        this.shared = shared;
    }

    /** @param applied what the page must not be older than */
    Page get(RowQuery query, Applied applied, Reader reader) {
        String key = query.text();
        Page page = kept.getIfPresent(key);
        if (page != null && isCurrent(page, query.relation(), applied)) {
            hits.increment();
            return page;
        }
        misses.increment();
        Optional<Page> others = shared.flatMap(pages -> pages.find(query, applied))
                .filter(found -> isCurrent(found, query.relation(), applied));
        if (others.isPresent()) {
            kept.put(key, others.get());
            return others.get();
        }
        for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
            Page read = readOnce(key, query, reader);
            if (isCurrent(read, query.relation(), applied)) {
                shared.ifPresent(pages -> pages.share(query, applied, read));
                return read;
            }
        }
        return reader.read(query);
    }

    private Page readOnce(String key, RowQuery query, Reader reader) {
        return reading.read(key, () -> {
            Page page = reader.read(query);
            kept.put(key, page);
            return page;
        });
    }

    private static boolean isCurrent(Page page, Relation relation, Applied applied) {
        return page.oid() == relation.oid()
                && page.epoch() >= applied.lastChange(relation)
                && (relation.kind() == Relation.Kind.VIEW
                        || Duration.between(page.readAt(), Instant.now()).compareTo(REPORT_AGE) < 0);
    }
}
