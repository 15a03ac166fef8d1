package io.millrace.hub.run;

import io.millrace.enrichment.work.Enrichments;
import io.millrace.hub.config.Role;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Questions to an LLM. It starts when data flows, which it does not help with; without a key it says so. */
final class EnrichmentRole implements RunningRole {
    private final @Nullable Supplier<Enrichments> start;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private @Nullable Enrichments running;
    private boolean closed;

    /** @param start null if nobody is to be asked */
    EnrichmentRole(@Nullable Supplier<Enrichments> start) {
        this.start = start;
    }

    @Override
    public void begin() {
        Supplier<Enrichments> starting = start;
        if (starting == null) {
            return;
        }
        Thread.ofPlatform().name("enrichment-start").start(() -> {
            try {
                Enrichments started = starting.get();
                boolean late;
                synchronized (this) {
                    late = closed;
                    running = late ? null : started;
                }
                if (late) {
                    started.close();
                }
            } catch (RuntimeException failed) {
                end.completeExceptionally(failed);
            }
        });
    }

    @Override
    public Role role() {
        return Role.ENRICHMENT;
    }

    @Override
    public synchronized boolean ready() {
        return start == null || running != null && running.ready();
    }

    @Override
    public synchronized String detail() {
        if (start == null) {
            return "nobody is asked: there is no llm.key, or no recipe";
        }
        return running == null ? "starting, after the others" : running.detail();
    }

    @Override
    public CompletableFuture<Void> end() {
        return end;
    }

    @Override
    public void close() {
        Enrichments last;
        synchronized (this) {
            closed = true;
            last = running;
        }
        if (last != null) {
            last.close();
        }
        end.complete(null);
    }
}
