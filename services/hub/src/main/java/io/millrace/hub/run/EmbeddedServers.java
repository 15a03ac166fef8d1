package io.millrace.hub.run;

import static io.millrace.hub.config.HubConfig.EMBEDDED;

import io.millrace.demo.erp.ReferenceErp;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.embedded.EmbeddedStack.Part;
import io.millrace.embedded.KafkaProcess;
import io.millrace.hub.config.Database;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.KnownServers;
import io.millrace.hub.config.Role;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.tables.SourceTables;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The servers that the configuration names no address of, started by the hub itself. */
final class EmbeddedServers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServers.class);

    private final @Nullable EmbeddedStack stack;
    private final HubConfig config;

    private EmbeddedServers(@Nullable EmbeddedStack stack, HubConfig config) {
        this.stack = stack;
        this.config = config;
    }

    /** An embedded source has the reference ERP's tables, to be filled by its user. */
    static EmbeddedServers start(HubConfig config) {
        Set<Part> parts = parts(config);
        if (parts.isEmpty()) {
            return new EmbeddedServers(null, config);
        }
        LOG.info("starting {} in {}: the configuration names no other", parts, config.data());
        EmbeddedStack stack = EmbeddedStack.start(
                config.data(),
                false,
                parts,
                new EmbeddedKafka.Place.BesideThisJvm(SelfProcess.command("-Xmx512m", KafkaProcess.class)));
        try {
            if (config.source().isEmbedded()) {
                ReferenceErp.migrate(stack.postgres().jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                SourceTables.read(
                        config.data(),
                        Database.embedded(stack.postgres().jdbcUrl("erp")),
                        SourceFile.readOnly(config.catalog()));
            }
            return new EmbeddedServers(stack, complete(config, stack));
        } catch (RuntimeException failed) {
            stack.close();
            throw failed;
        }
    }

    private static Set<Part> parts(HubConfig config) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        if (config.source().isEmbedded() || config.analytics().isEmbedded()) {
            parts.add(Part.POSTGRES);
        }
        if (config.kafka().bootstrapServers().equals(EMBEDDED)) {
            parts.add(Part.KAFKA);
        }
        if (config.registry().url().equals(EMBEDDED)) {
            parts.add(Part.REGISTRY);
        }
        if (config.roles().contains(Role.NOTIFICATIONS)
                && config.mail().providers().contains("smtp")
                && config.mail().smtp().host().equals(EMBEDDED)) {
            parts.add(Part.MAIL);
        }
        return parts;
    }

    private static HubConfig complete(HubConfig config, EmbeddedStack stack) {
        return config.with(
                config.kafka().bootstrapServers().equals(EMBEDDED)
                        ? new HubConfig.Kafka(
                                stack.kafka().bootstrapServers(), config.kafka().replicationFactor(), Map.of())
                        : config.kafka(),
                config.registry().url().equals(EMBEDDED)
                        ? new HubConfig.Registry(stack.registry().url())
                        : config.registry(),
                config.source().isEmbedded()
                        ? Database.embedded(stack.postgres().jdbcUrl("erp"))
                        : config.source(),
                config.analytics().isEmbedded()
                        ? Database.embedded(stack.postgres().jdbcUrl("analytics"))
                        : config.analytics(),
                parts(config).contains(Part.MAIL)
                        ? KnownServers.withEmbedded(
                                config.mail(), "127.0.0.1:" + stack.mail().port())
                        : config.mail(),
                config.llm());
    }

    /** With the addresses of what was started. */
    HubConfig config() {
        return config;
    }

    /** Without parameters: one of them may be a secret. */
    private static String address(Database database) {
        return database.url().replaceFirst("\\?.*", "");
    }

    /** Without who asks. */
    private static String address(HubConfig.Registry registry) {
        return registry.url().replaceFirst("//[^/@]*@", "//");
    }

    /** Says where everything is, in the log and in {@code endpoints.json}. */
    void publish(String http) {
        if (stack != null) {
            stack.publish(Map.of(
                    "http.url", http,
                    "kafka.bootstrap-servers", config.kafka().bootstrapServers(),
                    "registry.url", address(config.registry()),
                    "source.url", address(config.source()),
                    "analytics.url", address(config.analytics())));
            stack.endpoints().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> LOG.info("{}  {}", entry.getKey(), entry.getValue()));
        }
    }

    @Override
    public void close() {
        if (stack != null) {
            stack.close();
        }
    }
}
