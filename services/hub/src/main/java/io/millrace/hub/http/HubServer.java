package io.millrace.hub.http;

import io.millrace.gateway.Gateway;
import io.millrace.gateway.WebSecurity;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.run.RunningRole;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.function.RouterFunction;

/**
 * {@code /api/v1}, if role gateway runs here, {@code /actuator/health} (with liveness and readiness), {@code /actuator/prometheus}, {@code /actuator/views}, {@code /actuator/lag}, and what
 * {@link MailRequests} takes.
 */
public final class HubServer implements AutoCloseable {
    private final ConfigurableApplicationContext context;
    private final String url;

    private HubServer(ConfigurableApplicationContext context, String url) {
        this.context = context;
        this.url = url;
    }

    /** @param roles whose readiness is part of the process's */
    public static HubServer start(HubConfig.Http http, HubConfig.Datadog datadog, List<RunningRole> roles) {
        String names = roles.stream().map(role -> "," + role.role()).collect(Collectors.joining());
        try {
            ConfigurableApplicationContext context = new SpringApplicationBuilder(Configuration.class)
                    .web(WebApplicationType.SERVLET)
                    .registerShutdownHook(false)
                    .properties(Map.of(
                            "server.address",
                            http.address(),
                            "server.port",
                            http.port(),
                            "spring.threads.virtual.enabled",
                            true,
                            // By default, a connection ends after a hundred requests.
                            "server.tomcat.max-keep-alive-requests",
                            -1,
                            "management.endpoint.health.group.readiness.include",
                            "readinessState" + names,
                            "management.endpoint.health.group.liveness.include",
                            "livenessState,alive",
                            "management.endpoint.health.group.startup.include",
                            "started"))
                    .properties(datadog(datadog))
                    .properties(proxies(http))
                    // Requests that are being answered are answered; nobody waits for others than the gateway's.
                    .properties(Map.of(
                            "server.shutdown",
                            roles.stream().anyMatch(role -> role.gateway().isPresent()) ? "graceful" : "immediate",
                            "spring.lifecycle.timeout-per-shutdown-phase",
                            "15s"))
                    .initializers(fresh -> register((GenericApplicationContext) fresh, roles))
                    .run();
            int port = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer(), "web server")
                    .getPort();
            return new HubServer(context, "http://" + http.address() + ":" + port);
        } catch (RuntimeException failed) {
            for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
                if (cause instanceof PortInUseException) {
                    throw inUse(http);
                }
            }
            throw failed;
        }
    }

    /** Fails if the server could not start now: whoever starts a hub wants to know before hours of work are done. */
    public static void requireFree(HubConfig.Http http) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(http.address(), http.port()));
        } catch (IOException | RuntimeException wrong) {
            if (wrong instanceof BindException
                    && String.valueOf(wrong.getMessage()).contains("in use")) {
                throw inUse(http);
            }
            throw new MillraceException(
                    Category.USER,
                    "http.address " + http.address() + " and http.port " + http.port() + " cannot be listened to: "
                            + wrong.getMessage(),
                    "name an address of this machine, and a port between 0 and 65535",
                    wrong);
        }
    }

    private static MillraceException inUse(HubConfig.Http http) {
        return new MillraceException(
                Category.RESOURCE,
                "port " + http.port() + " on " + http.address() + " is in use",
                "set http.port in the configuration file (0 takes a free one), or end the other process");
    }

    private static Map<String, Object> proxies(HubConfig.Http http) {
        return http.trustedProxies().isEmpty()
                ? Map.of("server.forward-headers-strategy", "none")
                : Map.of(
                        "server.forward-headers-strategy",
                        "native",
                        "server.tomcat.remoteip.internal-proxies",
                        http.trustedProxies());
    }

    private static Map<String, Object> datadog(HubConfig.Datadog datadog) {
        if (!datadog.key().isEmpty() && !datadog.url().matches("https?://\\S+")) {
            // Found later, its failure would be logged with the key.
            throw new MillraceException(
                    Category.USER,
                    "datadog.url is not an address of a server",
                    "take that of your site, such as https://api.datadoghq.eu");
        }
        String export = "management.datadog.metrics.export.";
        return datadog.key().isEmpty()
                ? Map.of(export + "enabled", false)
                : Map.of(export + "api-key", datadog.key().reveal(), export + "uri", datadog.url());
    }

    private static void register(GenericApplicationContext context, List<RunningRole> roles) {
        context.registerBean(ViewsEndpoint.class, () -> new ViewsEndpoint(roles));
        context.registerBean(LagEndpoint.class, () -> new LagEndpoint(roles));
        MailRequests mail = new MailRequests(roles);
        context.registerBean("mailRequests", RouterFunction.class, mail::routes);
        roles.stream()
                .map(RunningRole::gateway)
                .flatMap(Optional::stream)
                .findFirst()
                .ifPresent(gateway -> register(context, gateway));
        context.registerBean(WebSecurity.class);
        context.registerBean("alive", HealthIndicator.class, () -> () -> alive(roles));
        AtomicBoolean started = new AtomicBoolean();
        context.registerBean("started", HealthIndicator.class, () -> () -> started(roles, started));
        for (RunningRole role : roles) {
            context.registerBean(role.role().toString(), HealthIndicator.class, () -> () -> health(role));
        }
    }

    private static void register(GenericApplicationContext context, Gateway gateway) {
        context.registerBean("gatewayRoutes", RouterFunction.class, gateway::routes);
        context.registerBean("gatewaySockets", HandlerMapping.class, gateway::sockets);
        // Its role closes it.
        context.registerBean(Gateway.class, () -> gateway, definition -> definition.setDestroyMethodName(""));
    }

    private static Health alive(List<RunningRole> roles) {
        List<String> dead = roles.stream()
                .filter(role -> !role.alive())
                .map(role -> role.role() + ": " + role.detail())
                .toList();
        return dead.isEmpty()
                ? Health.up().build()
                : Health.down().withDetail("dead", dead).build();
    }

    /** Once every role was ready, it has started, whatever comes later. */
    private static Health started(List<RunningRole> roles, AtomicBoolean started) {
        if (roles.stream().allMatch(RunningRole::ready)) {
            started.set(true);
        }
        return (started.get() ? Health.up() : Health.outOfService()).build();
    }

    private static Health health(RunningRole role) {
        Health.Builder health = role.ready() ? Health.up() : Health.outOfService();
        return health.withDetail("position", role.detail()).build();
    }

    /** Base address, e.g. {@code http://127.0.0.1:8080}. */
    public String url() {
        return url;
    }

    @Override
    public void close() {
        context.close();
    }

    /** Without the user and the password that Spring Boot makes up where nobody says who may come in. */
    @EnableAutoConfiguration(exclude = UserDetailsServiceAutoConfiguration.class)
    static class Configuration {}
}
