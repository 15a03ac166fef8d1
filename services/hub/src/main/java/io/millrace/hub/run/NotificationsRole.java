package io.millrace.hub.run;

import io.millrace.hub.config.Role;
import io.millrace.notifications.Notifications;
import io.millrace.notifications.inbound.Inbound;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Mail about alerts. It starts when data flows, which it does not help with. */
final class NotificationsRole implements RunningRole {
    private final Supplier<Notifications> start;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private @Nullable Notifications running;
    private boolean closed;

    NotificationsRole(Supplier<Notifications> start) {
        this.start = start;
    }

    @Override
    public void begin() {
        Thread.ofPlatform().name("mail-start").start(() -> {
            try {
                Notifications started = start.get();
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
        return Role.NOTIFICATIONS;
    }

    @Override
    public synchronized boolean ready() {
        return running != null && running.ready();
    }

    @Override
    public synchronized String detail() {
        return running == null ? "starting, after the others" : running.detail();
    }

    @Override
    public synchronized Optional<Inbound> inbound() {
        return Optional.ofNullable(running).map(Notifications::inbound);
    }

    @Override
    public CompletableFuture<Void> end() {
        return end;
    }

    @Override
    public void close() {
        Notifications last;
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
