package io.millrace.embedded;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker (KRaft, with real log directories) in this JVM, or beside it, where it can be killed. Topics must be
 * created before they are used.
 */
public final class EmbeddedKafka implements AutoCloseable {
    /** Where the broker runs. */
    public sealed interface Place {
        record InThisJvm() implements Place {}

        /** @param command that runs {@link KafkaProcess#main}, without its argument */
        record BesideThisJvm(List<String> command) implements Place {
            /** With the class path and the Java of this JVM. */
            public static BesideThisJvm withThisClassPath() {
                return new BesideThisJvm(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KafkaProcess.class.getName()));
            }
        }
    }

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Place place;
    private final Path directory;
    private final int port;
    private final Properties properties;
    private @Nullable KafkaProcess inside;
    private @Nullable ChildProcess beside;

    private EmbeddedKafka(Place place, Path directory, int port, Properties properties) {
        this.place = place;
        this.directory = directory;
        this.port = port;
        this.properties = properties;
    }

    /**
     * @param directory of the broker's files; kept between runs
     * @param wantedPort 0 for any
     */
    public static EmbeddedKafka start(Place place, Path directory, int wantedPort) {
        return start(place, directory, wantedPort, Map.of());
    }

    /** @param settings of the broker, in the place of those that it has else */
    public static EmbeddedKafka start(Place place, Path directory, int wantedPort, Map<String, String> settings) {
        try {
            Path root = directory.toAbsolutePath().normalize();
            Files.createDirectories(root);
            int port = Ports.choose("Kafka", wantedPort, root.resolve("port"));
            Properties properties = properties(root, port);
            properties.putAll(settings);
            EmbeddedKafka kafka = new EmbeddedKafka(place, root, port, properties);
            kafka.start();
            return kafka;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Properties properties(Path root, int port) throws IOException {
        int controller = Ports.choose("Kafka's controller", 0, root.resolve("controller-port"));
        Properties properties = new Properties();
        properties.putAll(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.voters", "1@127.0.0.1:" + controller),
                Map.entry("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller),
                Map.entry("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("log.dirs", root.resolve("logs").toString()),
                Map.entry("auto.create.topics.enable", "false"),
                Map.entry("message.max.bytes", Integer.toString(Topic.MAX_RECORD_BYTES)),
                Map.entry("replica.fetch.max.bytes", Integer.toString(Topic.MAX_RECORD_BYTES)),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("offsets.topic.num.partitions", "4"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("transaction.state.log.num.partitions", "4"),
                Map.entry("group.coordinator.append.linger.ms", "0"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"),
                Map.entry("log.segment.bytes", Integer.toString(64 * 1024 * 1024)),
                Map.entry("log.cleaner.dedupe.buffer.size", Integer.toString(16 * 1024 * 1024)),
                // The default waits 20 ms where the next transaction meets the last one's markers.
                Map.entry("add.partitions.to.txn.retry.backoff.ms", "1"),
                // A killed broker's registration is in the way of its next start for this long; the default is 9 s.
                Map.entry("broker.session.timeout.ms", "4000"),
                Map.entry("broker.heartbeat.interval.ms", "1000"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"),
                Map.entry("num.network.threads", "2"),
                Map.entry("num.io.threads", "4")));
        return properties;
    }

    /** Starts the broker (again) and waits until it answers. */
    public void start() {
        try {
            switch (place) {
                case Place.InThisJvm ignored -> inside = KafkaProcess.start(properties);
                case Place.BesideThisJvm process -> {
                    Path file = directory.resolve("server.properties");
                    try (Writer writer = Files.newBufferedWriter(file)) {
                        properties.store(writer, null);
                    }
                    List<String> command = new ArrayList<>(process.command());
                    command.add(file.toString());
                    beside = ChildProcess.start("Kafka", command, Map.of(), "TERM", directory.resolve("kafka.log"));
                }
            }
        } catch (IOException failed) {
            throw new MillraceException(
                    Category.RESOURCE,
                    "cannot start Kafka in " + directory + ": " + failed.getMessage(),
                    "free space on that file system; 'millrace demo --fresh' starts over",
                    failed);
        }
        awaitAnswer();
    }

    private void awaitAnswer() {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        try (Admin admin = Admin.create(Map.<String, Object>of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers(),
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 200,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2000))) {
            while (true) {
                try {
                    admin.describeCluster().nodes().get();
                    return;
                } catch (ExecutionException notYet) {
                    ChildProcess child = beside;
                    if ((child != null && !child.alive()) || System.nanoTime() > deadline) {
                        String words = child == null ? "" : "\n" + child.lastWords();
                        throw new MillraceException(
                                Category.RESOURCE,
                                "Kafka did not start: " + notYet.getCause() + words,
                                "see " + directory.resolve("kafka.log") + "; 'millrace demo --fresh' starts over",
                                notYet);
                    }
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MillraceException(
                    Category.INTERNAL, "interrupted while Kafka started", "start again", interrupted);
        }
    }

    /** An orderly shutdown. */
    public void stop() {
        KafkaProcess here = inside;
        ChildProcess there = beside;
        inside = null;
        beside = null;
        if (here != null) {
            here.close();
        }
        if (there != null) {
            there.close();
        }
    }

    /** As a crash; only for a broker beside this JVM. */
    public void kill() {
        ChildProcess there = beside;
        beside = null;
        if (there == null) {
            throw new IllegalStateException("only a broker beside this JVM can be killed");
        }
        there.kill();
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** Of the broker's process. */
    public long pid() {
        return beside == null ? ProcessHandle.current().pid() : beside.pid();
    }

    @Override
    public void close() {
        stop();
    }
}
