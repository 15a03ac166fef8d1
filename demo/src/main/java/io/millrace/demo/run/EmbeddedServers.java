package io.millrace.demo.run;

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
import io.millrace.hub.config.Secret;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.run.OwnServers;
import io.millrace.hub.tables.SourceTables;
import io.millrace.platform.data.DataDirectory;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The servers that the configuration names no address of, in or beside this process. An embedded source has the reference ERP's tables, to be filled by its user. */
public final class EmbeddedServers implements OwnServers {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServers.class);

    @Override
    public Running start(HubConfig config, DataDirectory directory) {
        Set<Part> parts = parts(config);
        LOG.info("starting {} in {}: the configuration names no other", parts, config.data());
        EmbeddedStack stack = EmbeddedStack.start(
                directory,
                false,
                parts,
                new EmbeddedKafka.Place.BesideThisJvm(SelfProcess.command("-Xmx512m", KafkaProcess.class)));
        try {
            if (config.omitted().contains("source.url")) {
                ReferenceErp.migrate(stack.postgres().jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                SourceTables.read(
                        config.data(), database(stack.postgres(), "erp"), SourceFile.readOnly(config.catalog()));
            }
            return new Started(stack, complete(config, stack));
        } catch (RuntimeException failed) {
            stack.close();
            throw failed;
        }
    }

    private record Started(EmbeddedStack stack, HubConfig config) implements Running {
        @Override
        public void close() {
            stack.close();
        }
    }

    static Database database(EmbeddedPostgres postgres, String name) {
        return new Database(postgres.jdbcUrl(name), EmbeddedPostgres.USER, Secret.of(EmbeddedPostgres.PASSWORD));
    }

    private static Set<Part> parts(HubConfig config) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (String omitted : config.omitted()) {
            parts.add(
                    switch (omitted) {
                        case "kafka.bootstrap-servers" -> Part.KAFKA;
                        case "registry.url" -> Part.REGISTRY;
                        case "mail.smtp.host" -> Part.MAIL;
                        default -> Part.POSTGRES;
                    });
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
                config.omitted().contains("source.url") ? database(stack.postgres(), "erp") : config.source(),
                config.analytics().isEmbedded() && parts(config).contains(Part.POSTGRES)
                        ? database(stack.postgres(), "analytics")
                        : config.analytics(),
                parts(config).contains(Part.MAIL)
                        ? KnownServers.withEmbedded(
                                config.mail(), "127.0.0.1:" + stack.mail().port())
                        : config.mail(),
                config.llm());
    }
}
