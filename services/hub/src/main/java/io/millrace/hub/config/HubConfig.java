package io.millrace.hub.config;

import io.millrace.platform.kafka.KafkaServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The configuration file.
 *
 * @param roles what this process runs
 * @param catalog folder with the sources, and what else a user edits
 * @param data directory of local state
 * @param source the ERP's database
 * @param analytics the analysts' database
 * @param analysts who read in it
 * @param engine of the views
 * @param mail who takes mail about alerts
 * @param monitoring how late stages may be
 * @param gateway what applications may ask
 * @param logs where log lines go
 * @param llm who explains and classifies
 * @param tracing where source transactions are followed
 * @param sentry who is told of errors
 * @param datadog who is sent metrics
 */
public record HubConfig(
        @DefaultValue({"source", "views", "governance", "sink", "notifications", "enrichment", "monitoring", "gateway"})
        List<Role> roles,

        @DefaultValue("catalog") Path catalog,
        @DefaultValue(".millrace") Path data,
        @DefaultValue Http http,
        @DefaultValue Kafka kafka,
        @DefaultValue Registry registry,
        @DefaultValue Database source,
        @DefaultValue Database analytics,
        @DefaultValue Analysts analysts,
        @DefaultValue Engine engine,
        @DefaultValue Mail mail,
        @DefaultValue Monitoring monitoring,
        @DefaultValue Gateway gateway,
        @DefaultValue Logs logs,
        @DefaultValue Llm llm,
        @DefaultValue Tracing tracing,
        @DefaultValue Sentry sentry,
        @DefaultValue Datadog datadog) {

    /** The same with paths that are relative to a folder. */
    HubConfig relativeTo(Path folder) {
        return new HubConfig(
                roles,
                folder.resolve(catalog),
                folder.resolve(data),
                http,
                kafka,
                registry,
                source,
                analytics,
                analysts,
                engine,
                mail,
                monitoring,
                gateway,
                logs.directory.isEmpty()
                        ? logs
                        : new Logs(
                                logs.format,
                                folder.resolve(logs.directory).toString(),
                                logs.days,
                                logs.fileSize,
                                logs.totalSize),
                llm,
                tracing,
                sentry,
                datadog);
    }

    /** The same with these servers. */
    public HubConfig with(
            Kafka itsKafka, Registry itsRegistry, Database itsSource, Database itsAnalytics, Mail itsMail, Llm itsLlm) {
        return new HubConfig(
                roles,
                catalog,
                data,
                http,
                itsKafka,
                itsRegistry,
                itsSource,
                itsAnalytics,
                analysts,
                engine,
                itsMail,
                monitoring,
                gateway,
                logs,
                itsLlm,
                tracing,
                sentry,
                datadog);
    }

    /** In the place of a server's address: the development artefact starts one, with its files in {@link #data}. */
    public static final String EMBEDDED = "embedded";

    /** The keys of servers whose addresses the roles need, and that it does not name. */
    public List<String> omitted() {
        List<String> omitted = new ArrayList<>();
        if (kafka.bootstrapServers().equals(EMBEDDED)) {
            omitted.add("kafka.bootstrap-servers");
        }
        if (registry.url().equals(EMBEDDED)) {
            omitted.add("registry.url");
        }
        // The others know the source by what Kafka and the registry have of it.
        if (source.isEmbedded() && (roles.contains(Role.SOURCE) || roles.contains(Role.MONITORING))) {
            omitted.add("source.url");
        }
        if (analytics.isEmbedded()
                && !Set.of(Role.SOURCE, Role.VIEWS, Role.GOVERNANCE).containsAll(roles)) {
            omitted.add("analytics.url");
        }
        if (roles.contains(Role.NOTIFICATIONS)
                && mail.providers().contains(MailProviderName.SMTP)
                && mail.smtp().host().equals(EMBEDDED)) {
            omitted.add("mail.smtp.host");
        }
        return omitted;
    }

    /** @param password of role analyst; empty: the hub gives it none, and an administrator does, or lets it in by a certificate */
    public record Analysts(@DefaultValue("") Secret password) {}

    /**
     * @param instance name of this process among those that run views; the same in every run of it
     * @param threads that lanes are spread over in this process
     * @param standbyReplicas copies of each lane's state in other processes
     */
    public record Engine(
            @DefaultValue("hub") String instance,
            @Within(min = 1, max = 512) @DefaultValue("2") int threads,
            @Within(max = 16) @DefaultValue("0") int standbyReplicas) {}

    /**
     * @param url empty for Anthropic's own
     * @param key empty: nobody is asked
     * @param concurrency questions that are asked at once
     */
    public record Llm(
            @Matches(regex = Matches.HTTP, as = Matches.AN_ADDRESS) @DefaultValue("")
            String url,

            @DefaultValue("") Secret key,
            @DefaultValue OpenAi openai,
            @Within(min = 1, max = 1000) @DefaultValue("4") int concurrency) {}

    /**
     * OpenAI, or a server that has its API.
     *
     * @param url up to the version, such as {@code http://llm.internal:8000/v1}; empty for OpenAI's own
     * @param key empty where the server wants none
     */
    public record OpenAi(
            @Matches(regex = Matches.HTTP, as = Matches.AN_ADDRESS) @DefaultValue("")
            String url,

            @DefaultValue("") Secret key) {}

    /**
     * @param directory of log files; empty: lines go to the terminal
     * @param days that files are kept
     * @param fileSize a day's file that is larger goes on in another
     * @param totalSize of all files; the oldest are removed beyond it
     */
    public record Logs(
            @DefaultValue("text") Format format,
            @DefaultValue("") String directory,
            @Within(min = 1) @DefaultValue("14") int days,
            @DefaultValue("100MB") DataSize fileSize,
            @DefaultValue("2GB") DataSize totalSize) {
        /** Of a line. */
        public enum Format {
            TEXT,
            JSON
        }
    }

    /**
     * @param objective how late a stage may be
     * @param patience one that has work and does not move for so long is stalled
     * @param alertAfter one that is not well for so long is an alert
     * @param mailTo who is told past the pipeline when alerts do not move; empty: those that routes name for alerts of the pipeline
     * @param webhook that is told too; empty for none
     */
    public record Monitoring(
            @Within(min = 1) @DefaultValue("5s") Duration objective,
            @Within(min = 1) @DefaultValue("15s") Duration patience,
            @Within(min = 1) @DefaultValue("30s") Duration alertAfter,
            @DefaultValue List<String> mailTo,
            @DefaultValue("") Secret webhook) {}

    /**
     * @param queryLimit after which a query of a request is cancelled; exports may take ten minutes
     * @param requestsPerSecond of a key or person; twice as many may come at once
     * @param tenantRequestsPerSecond of all keys and persons that have the same tenants; twice as many may come at once
     * @param readUrl of the analytics database for reads, through a pool of connections such as PgBouncer; empty: analytics.url
     * @param redis address of a Redis in which gateways share pages and limits, such as rediss://user:password@host:6379; empty: each
     *     gateway has its own
     */
    public record Gateway(
            @Within(min = 1) @DefaultValue("10s") Duration queryLimit,
            @Within(min = 1) @DefaultValue("100") int requestsPerSecond,
            @Within(min = 1) @DefaultValue("400") int tenantRequestsPerSecond,
            @DefaultValue("") String readUrl,
            @DefaultValue("") Secret redis) {}

    /**
     * @param from sender of all mails
     * @param providers that take mail, the preferred one first: smtp, sendgrid, resend
     * @param publicUrl address at which recipients and providers reach this hub's web server, through your proxy; empty: mails
     *     have no link to unsubscribe
     * @param perSecond mails that a provider is given at most
     * @param unknownWindow how long news of a mail is waited for of which nobody knows whether it was sent
     */
    public record Mail(
            @DefaultValue("millrace@example.test") String from,
            @DefaultValue("smtp") List<MailProviderName> providers,

            @Matches(regex = Matches.HTTP, as = Matches.AN_ADDRESS) @DefaultValue("")
            String publicUrl,

            @Within(min = 1) @DefaultValue("50") int perSecond,
            @Within @DefaultValue("2m") Duration unknownWindow,
            @DefaultValue Smtp smtp,
            @DefaultValue Api sendgrid,
            @DefaultValue Api resend) {}

    /** @param host of the server */
    public record Smtp(
            @DefaultValue(EMBEDDED) String host,

            @Within(min = 1, max = 65_535) @DefaultValue("25")
            int port,

            @DefaultValue("") String user,
            @DefaultValue("") Secret password,
            @DefaultValue("false") boolean startTls) {}

    /**
     * @param url empty for the provider's own
     * @param webhookKey by which the provider's events are known to be its own; empty: they are not taken
     */
    public record Api(
            @Matches(regex = Matches.HTTP, as = Matches.AN_ADDRESS) @DefaultValue("")
            String url,

            @DefaultValue("") Secret key,
            @DefaultValue("") Secret webhookKey) {}

    /**
     * @param endpoint of a collector, for OTLP over HTTP; empty: nothing is followed
     * @param sample which part of the source transactions is followed, from 0 to 1
     * @param keyHeader that carries the key to the collector
     * @param key empty for none
     */
    public record Tracing(
            @Matches(regex = Matches.HTTP, as = Matches.AN_ADDRESS) @DefaultValue("")
            String endpoint,

            @Within(max = 1) @DefaultValue("0.1") double sample,
            @DefaultValue("authorization") String keyHeader,
            @DefaultValue("") Secret key) {}

    /** @param dsn of a project; empty: nobody is told */
    public record Sentry(
            @DefaultValue("") Secret dsn,
            @DefaultValue("production") String environment) {}

    /**
     * @param url of the API of the account's site
     * @param key of the API; empty: nothing is sent
     */
    public record Datadog(
            @Matches(regex = Matches.HTTP, as = Matches.AN_ADDRESS) @DefaultValue("https://api.datadoghq.com")
            String url,

            @DefaultValue("") Secret key) {}

    /**
     * @param port of health, metrics and the gateway on {@code address}; 0 takes a free one
     * @param trustedProxies regular expression of addresses whose X-Forwarded headers say who asks; empty: nobody's
     */
    public record Http(
            @DefaultValue("127.0.0.1") String address,
            @Within(max = 65_535) @DefaultValue("8080") int port,
            @DefaultValue("") String trustedProxies) {}

    /**
     * @param bootstrapServers host:port, comma-separated
     * @param replicationFactor of the topics that the hub creates
     * @param properties of every client, by Kafka's own names, such as those of TLS and SASL
     */
    public record Kafka(
            @Matches(
                    regex = "[^\\s,]+:\\d{1,5}(\\s*,\\s*[^\\s,]+:\\d{1,5})*",
                    as = "addresses, comma-separated, such as kafka-1:9092,kafka-2:9092")
            @DefaultValue(EMBEDDED)
            String bootstrapServers,

            @Within(min = 1, max = 32_767) @DefaultValue("1")
            short replicationFactor,

            @DefaultValue Map<String, String> properties) {

        /** The addresses must be known by now. */
        public KafkaServers servers() {
            return new KafkaServers(bootstrapServers, properties);
        }

        /** For a command, which somebody waits for. */
        Kafka impatient() {
            return new Kafka(
                    bootstrapServers, replicationFactor, servers().impatient().properties());
        }

        /** Values may be secrets. */
        @Override
        public String toString() {
            return bootstrapServers + " " + properties.keySet();
        }
    }

    /** @param url of the Confluent-compatible API */
    public record Registry(
            @Matches(regex = Matches.HTTP, as = Matches.AN_ADDRESS) @DefaultValue(EMBEDDED)
            String url) {
        /** The address, without who asks. */
        public String withoutUser() {
            return url.replaceFirst("//[^/@]*@", "//");
        }
    }
}
