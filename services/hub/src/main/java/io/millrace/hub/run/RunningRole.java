package io.millrace.hub.run;

import io.millrace.gateway.Gateway;
import io.millrace.hub.config.Role;
import io.millrace.monitoring.LagReport;
import io.millrace.notifications.inbound.Inbound;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A role at work in this process. */
public interface RunningRole extends AutoCloseable {
    Role role();

    /** Data flows: what could wait may begin. */
    default void begin() {}

    /** Whether it does its work now, not still starting or catching up with a fault. */
    boolean ready();

    /** Whether it does its work without something that it should have, which its detail names. */
    default boolean impaired() {
        return !ready();
    }

    /** False if only a restart can help: it should do its work, and nothing of it is seen. */
    default boolean alive() {
        return true;
    }

    /** One line on where it is. */
    String detail();

    /** Completes exceptionally when the role cannot go on: the process then ends with that failure. */
    CompletableFuture<Void> end();

    @Override
    void close();

    /** Takes what recipients and providers of mail send; empty if the role does not, or not yet. */
    default Optional<Inbound> inbound() {
        return Optional.empty();
    }

    /** Where every stage is; empty if the role does not know, or not yet. */
    default Optional<LagReport> lag() {
        return Optional.empty();
    }

    /** Answers applications; empty if the role does not. */
    default Optional<Gateway> gateway() {
        return Optional.empty();
    }

    /** What it keeps in memory, by node of the views' plans. */
    default Map<String, Long> stateSizes() {
        return Map.of();
    }
}
