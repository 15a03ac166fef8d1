package io.millrace.hub.config;

import io.millrace.platform.data.DataDirectory;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where servers are, for a command beside a running hub: what the configuration names, else what runs in its data directory.
 * Somebody waits for the command, so clients give up within seconds.
 */
public final class KnownServers {
    private KnownServers() {}

    /**
     * The configuration with the addresses of Kafka, registry and analytics database.
     *
     * @throws MillraceException if one of them is not known
     */
    public static HubConfig complete(HubConfig config) {
        HubConfig known = known(config);
        require(!known.kafka().bootstrapServers().equals(HubConfig.EMBEDDED), "kafka.bootstrap-servers", config);
        require(!known.registry().url().equals(HubConfig.EMBEDDED), "registry.url", config);
        require(!known.analytics().isEmbedded(), "analytics.url", config);
        return known;
    }

    /** The configuration with the addresses of all servers that are known; the others stay embedded. */
    public static HubConfig known(HubConfig config) {
        Map<String, Object> started = DataDirectory.running(config.data());
        HubConfig.Kafka kafka = config.kafka();
        Object brokers = started.get("kafka.bootstrap-servers");
        Object registry = started.get("registry.url");
        Object analytics = started.get("analytics.url");
        return config.with(
                kafka.bootstrapServers().equals(HubConfig.EMBEDDED) && brokers != null
                        ? new HubConfig.Kafka(brokers.toString(), kafka.replicationFactor(), Map.of()).impatient()
                        : kafka.impatient(),
                config.registry().url().equals(HubConfig.EMBEDDED) && registry != null
                        ? new HubConfig.Registry(registry.toString())
                        : config.registry(),
                source(config.source(), started),
                config.analytics().isEmbedded() && analytics != null
                        ? database(started, analytics.toString())
                        : config.analytics(),
                mail(config, started),
                llm(config.llm(), started));
    }

    /** Postgres servers that are known, the source first; whether they are in reach is another question. */
    public static List<Database> postgres(HubConfig config) {
        Map<String, Object> started = DataDirectory.running(config.data());
        Object analytics = started.get("analytics.url");
        Database second = config.analytics().isEmbedded() && analytics != null
                ? database(started, analytics.toString())
                : config.analytics();
        return Stream.of(source(config.source(), started), second)
                .filter(database -> !database.isEmbedded())
                .toList();
    }

    /** The source, as far as it is known. */
    public static Optional<Database> source(HubConfig config) {
        return Optional.of(source(config.source(), DataDirectory.running(config.data())))
                .filter(database -> !database.isEmbedded());
    }

    /** Where no source is known, it stays embedded: not every command asks it. */
    private static Database source(Database source, Map<String, Object> started) {
        Object url = started.get("source.url");
        return url == null || !source.url().equals(HubConfig.EMBEDDED) ? source : database(started, url.toString());
    }

    /** A database of the server that was started. */
    private static Database database(Map<String, Object> started, String url) {
        return new Database(
                url,
                String.valueOf(started.get("postgres.user")),
                Secret.of(String.valueOf(started.get("postgres.password"))));
    }

    /** A stand-in of the demo, where nothing is configured. */
    private static HubConfig.Llm llm(HubConfig.Llm llm, Map<String, Object> started) {
        Object url = started.get("llm.url");
        return url == null || !llm.url().isEmpty() || !llm.key().isEmpty()
                ? llm
                : new HubConfig.Llm(url.toString(), Secret.of("stand-in"), llm.openai(), llm.concurrency());
    }

    /** Where no SMTP server is known, its host stays: not every command sends mail. */
    private static HubConfig.Mail mail(HubConfig config, Map<String, Object> started) {
        Object address = started.get("smtp");
        return address == null ? config.mail() : withEmbedded(config.mail(), address.toString());
    }

    /** @param address of the embedded SMTP server, host:port */
    public static HubConfig.Mail withEmbedded(HubConfig.Mail mail, String address) {
        if (!mail.smtp().host().equals(HubConfig.EMBEDDED)) {
            return mail;
        }
        int colon = address.lastIndexOf(':');
        HubConfig.Smtp smtp = new HubConfig.Smtp(
                address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)), "", Secret.of(""), false);
        return new HubConfig.Mail(
                mail.from(),
                mail.providers(),
                mail.publicUrl(),
                mail.perSecond(),
                mail.unknownWindow(),
                smtp,
                mail.sendgrid(),
                mail.resend());
    }

    private static void require(boolean known, String key, HubConfig config) {
        if (!known) {
            throw new MillraceException(
                    Category.USER,
                    "there is no address of " + key + ": the configuration names none, and none runs in "
                            + config.data(),
                    "give --config with the hub's configuration file, or start './millrace demo' beside this");
        }
    }
}
