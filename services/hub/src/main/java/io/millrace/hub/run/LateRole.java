package io.millrace.hub.run;

import io.millrace.hub.config.Role;
import io.millrace.notifications.inbound.Inbound;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A role that starts when data flows, which it does not help with. */
final class LateRole implements RunningRole {
    private final Role role;
    private final @Nullable Supplier<Part> start;
    private final String idle;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private @Nullable Part running;
    private boolean closed;

    /** What does the role's work. */
    interface Part extends AutoCloseable {
        boolean ready();

        String detail();

        default boolean impaired() {
            return !ready();
        }

        default Optional<Inbound> inbound() {
            return Optional.empty();
        }

        @Override
        void close();
    }

    private LateRole(Role role, @Nullable Supplier<Part> start, String idle) {
        this.role = role;
        this.start = start;
        this.idle = idle;
    }

    static LateRole of(Role role, Supplier<Part> start) {
        return new LateRole(role, start, "");
    }

    /** One that has nothing to do here, and says why. */
    static LateRole idle(Role role, String why) {
        return new LateRole(role, null, why);
    }

    @Override
    public void begin() {
        Supplier<Part> starting = start;
        if (starting == null) {
            return;
        }
        Thread.ofPlatform().name(role + "-start").start(() -> {
            try {
                Part started = starting.get();
                boolean late;
                synchronized (this) {
                    late = closed;
                    running = late ? null : started;
                }
                if (late) {
                    started.close();
                }
            } catch (RuntimeException | Error failed) {
                end.completeExceptionally(failed);
            }
        });
    }

    @Override
    public Role role() {
        return role;
    }

    @Override
    public synchronized boolean ready() {
        return start == null || running != null && running.ready();
    }

    @Override
    public synchronized boolean impaired() {
        return start != null && (running == null || running.impaired());
    }

    @Override
    public synchronized String detail() {
        if (start == null) {
            return idle;
        }
        return running == null ? "starting, after the others" : running.detail();
    }

    @Override
    public synchronized Optional<Inbound> inbound() {
        return running == null ? Optional.empty() : running.inbound();
    }

    @Override
    public CompletableFuture<Void> end() {
        return end;
    }

    @Override
    public void close() {
        Part last;
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
