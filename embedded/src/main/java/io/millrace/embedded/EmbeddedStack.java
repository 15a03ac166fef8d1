package io.millrace.embedded;

import io.millrace.platform.data.DataDirectory;
import io.millrace.platform.data.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The servers of one data directory, of which one process at a time has the use. */
public final class EmbeddedStack implements AutoCloseable {
    /** A server that can be started. */
    public enum Part {
        POSTGRES,
        KAFKA,
        REGISTRY,
        MAIL
    }

    /** The folder of mails, in the data directory. */
    public static final String MAIL = "mail";

    private final DataDirectory directory;
    private volatile @Nullable EmbeddedPostgres postgres;
    private volatile @Nullable EmbeddedKafka kafka;
    private volatile @Nullable EmbeddedRegistry registry;
    private volatile @Nullable EmbeddedMail mail;

    private EmbeddedStack(DataDirectory directory) {
        this.directory = directory;
    }

    /**
     * Starts servers on the data of their last run.
     *
     * @param directory kept between runs; given up when the servers end
     * @param fresh whether to remove what earlier runs left there
     * @param kafkaPlace where the broker is to run
     */
    public static EmbeddedStack start(
            DataDirectory directory, boolean fresh, Set<Part> parts, EmbeddedKafka.Place kafkaPlace) {
        Path root = directory.path();
        EmbeddedStack stack = new EmbeddedStack(directory);
        try {
            if (fresh) {
                stack.clear();
            }
            CompletableFuture.allOf(
                            beside(
                                    parts,
                                    Part.POSTGRES,
                                    () -> stack.postgres =
                                            EmbeddedPostgres.start(root.resolve("postgres"), 0, Map.of())),
                            beside(
                                    parts,
                                    Part.KAFKA,
                                    () -> stack.kafka = EmbeddedKafka.start(kafkaPlace, root.resolve("kafka"), 0)),
                            beside(
                                    parts,
                                    Part.REGISTRY,
                                    () -> stack.registry = EmbeddedRegistry.start(root.resolve("registry"), 0)),
                            beside(parts, Part.MAIL, () -> stack.mail = EmbeddedMail.start(root.resolve(MAIL), 0)))
                    .join();
            stack.describe();
            return stack;
        } catch (CompletionException failed) {
            stack.close();
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        } catch (RuntimeException failed) {
            stack.close();
            throw failed;
        }
    }

    private static CompletableFuture<Void> beside(Set<Part> parts, Part part, Runnable start) {
        return parts.contains(part)
                ? CompletableFuture.runAsync(start, Thread.ofVirtual()::start)
                : CompletableFuture.completedFuture(null);
    }

    private void clear() {
        directory.clear();
        try {
            Directories.delete(ServerDirectory.of(directory.path().resolve("postgres")));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void describe() {
        Map<String, Object> endpoints = new LinkedHashMap<>();
        if (postgres != null) {
            endpoints.put("source.url", postgres.jdbcUrl("erp"));
            endpoints.put("analytics.url", postgres.jdbcUrl("analytics"));
            endpoints.put("postgres.user", EmbeddedPostgres.USER);
            endpoints.put("postgres.password", EmbeddedPostgres.PASSWORD);
            endpoints.put("postgres.pid", postgres.pid());
        }
        if (kafka != null) {
            endpoints.put("kafka.bootstrap-servers", kafka.bootstrapServers());
            endpoints.put("kafka.pid", kafka.pid());
        }
        if (registry != null) {
            endpoints.put("registry.url", registry.url());
            endpoints.put("registry.pid", registry.pid());
        }
        if (mail != null) {
            endpoints.put("smtp", "127.0.0.1:" + mail.port());
            endpoints.put("mail.folder", mail.folder().toString());
        }
        directory.tell(endpoints);
    }

    /** Tells in {@code endpoints.json} what else there is. */
    public void tell(Map<String, Object> more) {
        directory.tell(more);
    }

    /** A port for one more server of this directory: the one it had in its last run, if that is free. */
    public int choosePort(String server) {
        return Ports.choose(server, 0, directory.path().resolve(server + "-port"));
    }

    /** What {@code endpoints.json} says. */
    public SortedMap<String, Object> endpoints() {
        return directory.told();
    }

    public EmbeddedPostgres postgres() {
        return started(postgres, "Postgres");
    }

    public EmbeddedKafka kafka() {
        return started(kafka, "Kafka");
    }

    public EmbeddedMail mail() {
        return started(mail, "the SMTP server");
    }

    public EmbeddedRegistry registry() {
        return started(registry, "the schema registry");
    }

    private static <T> T started(@Nullable T part, String name) {
        if (part == null) {
            throw new IllegalStateException(name + " was not asked for");
        }
        return part;
    }

    @Override
    public void close() {
        if (mail != null) {
            mail.close();
        }
        if (registry != null) {
            registry.close();
        }
        if (kafka != null) {
            kafka.close();
        }
        if (postgres != null) {
            postgres.close();
        }
        directory.close();
    }
}
