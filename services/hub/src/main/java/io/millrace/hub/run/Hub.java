package io.millrace.hub.run;

import io.millrace.gateway.Gateway;
import io.millrace.hub.audit.HubEvents;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.Role;
import io.millrace.hub.http.HubServer;
import io.millrace.hub.settings.HubSettings;
import io.millrace.hub.telemetry.Tracing;
import io.millrace.platform.data.DataDirectory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The application: its roles first, since data waits for them, then health and metrics. */
public final class Hub implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);

    /** They start when data flows, or have nothing to say before. */
    private static final Set<Role> LATER = Set.of(Role.NOTIFICATIONS, Role.ENRICHMENT, Role.MONITORING, Role.GATEWAY);

    /** Of these, before health is served. */
    private static final Set<Role> FIRST = Set.of(Role.NOTIFICATIONS);

    private static final Duration READY_LIMIT = Duration.ofSeconds(20);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    private final Tracing tracing;
    private final DataDirectory directory;
    private final OwnServers.Running servers;
    private final List<RunningRole> roles = new ArrayList<>();
    private @Nullable HubServer server;
    private @Nullable HubEvents events;
    private @Nullable HubSettings settings;
    private boolean closed;

    private Hub(Tracing tracing, DataDirectory directory, OwnServers.Running servers) {
        this.tracing = tracing;
        this.directory = directory;
        this.servers = servers;
    }

    public static Hub start(HubConfig configured) {
        OwnServers servers = OwnServers.of(configured);
        HubServer.requireFree(configured.http());
        DataDirectory directory = DataDirectory.open(configured.data());
        try {
            return start(Tracing.start(configured), directory, servers.start(configured, directory));
        } catch (RuntimeException failed) {
            directory.close();
            throw failed;
        }
    }

    private static Hub start(Tracing tracing, DataDirectory directory, OwnServers.Running servers) {
        Hub hub = new Hub(tracing, directory, servers);
        HubConfig config = hub.servers.config();
        try {
            HubSettings.requireApproved(config);
            RoleStarter starter = new RoleStarter(config);
            for (Role role : Role.values()) {
                if (config.roles().contains(role)) {
                    hub.roles.add(starter.start(role, hub.roles));
                }
            }
            hub.awaitReady();
            // People wait for mail; who asks for health can ask again.
            hub.begin(FIRST);
            HubServer server = HubServer.start(config.http(), config.datadog(), hub.roles);
            hub.server = server;
            LOG.info("ready to serve health and metrics at {}", server.url());
            hub.tell(server.url());
            hub.begin(EnumSet.complementOf(EnumSet.copyOf(FIRST)));
            hub.events = starter.tellAudit();
            hub.settings = HubSettings.start(config);
            return hub;
        } catch (RuntimeException failed) {
            hub.close();
            throw failed;
        }
    }

    /** Where everything is, in the log and in {@code endpoints.json}. */
    private void tell(String http) {
        HubConfig config = servers.config();
        directory.tell(Map.of(
                "http.url", http,
                "kafka.bootstrap-servers", config.kafka().bootstrapServers(),
                "registry.url", config.registry().withoutUser(),
                "source.url", config.source().withoutParameters(),
                "analytics.url", config.analytics().withoutParameters()));
        directory.told().forEach((name, where) -> LOG.info("{}  {}", name, where));
    }

    private void begin(Set<Role> which) {
        roles.stream().filter(role -> which.contains(role.role())).forEach(RunningRole::begin);
    }

    /** Two cores start one thing faster than two: the server comes when data flows, or a little later at most. */
    private void awaitReady() {
        long deadline = System.nanoTime() + READY_LIMIT.toNanos();
        while (!roles.stream().allMatch(role -> LATER.contains(role.role()) || role.ready())
                && roles.stream().noneMatch(role -> role.end().isDone())
                && System.nanoTime() < deadline) {
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    /** Returns when a role ended, with its failure. */
    public void await() {
        try {
            CompletableFuture.anyOf(
                            roles.isEmpty()
                                    ? new CompletableFuture<?>[] {new CompletableFuture<Void>()}
                                    : roles.stream().map(RunningRole::end).toArray(CompletableFuture<?>[]::new))
                    .join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    /** All at once: each leaves its work whole whenever it ends, and waits for others' time limits by itself. */
    private void closeRoles() {
        List<Thread> closing = roles.reversed().stream()
                .map(role -> Thread.ofPlatform().name(role.role() + "-close").start(() -> {
                    try {
                        role.close();
                    } catch (RuntimeException failed) {
                        LOG.warn("role {} did not end in order", role.role(), failed);
                    }
                }))
                .toList();
        for (Thread thread : closing) {
            try {
                thread.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (events != null) {
            events.close();
        }
        if (settings != null) {
            settings.close();
        }
        // Requests that are being answered need their role.
        roles.forEach(role -> role.gateway().ifPresent(Gateway::drain));
        if (server != null) {
            server.close();
        }
        closeRoles();
        tracing.close();
        servers.close();
    }
}
