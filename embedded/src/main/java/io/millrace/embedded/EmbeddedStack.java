package io.millrace.embedded;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The servers of one data directory, of which one process at a time has the use. */
public final class EmbeddedStack implements AutoCloseable {
    /** A server that can be started. */
    public enum Part {
        POSTGRES,
        KAFKA,
        REGISTRY,
        MAIL
    }

    private static final String MARKER = ".millrace-data";
    private static final String LOCK = ".lock";
    private static final String ENDPOINTS = "endpoints.json";

    private final Path directory;
    private final FileChannel lockFile;
    private final Map<String, Object> endpoints = new LinkedHashMap<>();
    private volatile @Nullable EmbeddedPostgres postgres;
    private volatile @Nullable EmbeddedKafka kafka;
    private volatile @Nullable EmbeddedRegistry registry;
    private volatile @Nullable EmbeddedMail mail;

    private EmbeddedStack(Path directory, FileChannel lockFile) {
        this.directory = directory;
        this.lockFile = lockFile;
    }

    /**
     * Starts servers on the data of their last run.
     *
     * @param directory kept between runs
     * @param fresh whether to remove what earlier runs left there
     * @param kafkaPlace where the broker is to run
     */
    public static EmbeddedStack start(Path directory, boolean fresh, Set<Part> parts, EmbeddedKafka.Place kafkaPlace) {
        Path root = directory.toAbsolutePath().normalize();
        EmbeddedStack stack = open(root);
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
                            beside(parts, Part.MAIL, () -> stack.mail = EmbeddedMail.start(root.resolve("mail"), 0)))
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

    /**
     * Makes it a data directory, unless it is one: whoever writes the first file there does this before.
     *
     * @throws MillraceException if it is a directory of somebody else
     */
    public static void mark(Path root) {
        try {
            if (Files.exists(root) && !Files.exists(root.resolve(MARKER)) && !empty(root)) {
                throw new MillraceException(
                        Category.USER,
                        root + " holds files that are not Millrace's",
                        "name an empty or a new directory as data directory");
            }
            Files.createDirectories(root);
            Files.writeString(root.resolve(MARKER), "Data of Millrace. 'millrace demo --fresh' removes it.\n");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static EmbeddedStack open(Path root) {
        mark(root);
        try {
            FileChannel channel = FileChannel.open(
                    root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!locked(channel)) {
                ByteBuffer holder = ByteBuffer.allocate(32);
                channel.read(holder, 0);
                channel.close();
                throw new MillraceException(
                        Category.RESOURCE,
                        root + " is in use by process "
                                + new String(holder.array(), 0, holder.position(), StandardCharsets.US_ASCII).strip(),
                        "end that process, or name another data directory");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
                    0);
            return new EmbeddedStack(root, channel);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Bytes after the first: the first holds the owner's process id, and stays readable. */
    private static boolean locked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock(Long.MAX_VALUE - 1, 1, false);
            return lock != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }

    private static boolean empty(Path root) throws IOException {
        try (var files = Files.list(root)) {
            return files.allMatch(file -> file.endsWith("logs"));
        }
    }

    private void clear() {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (!name.equals(MARKER) && !name.equals(LOCK)) {
                    Directories.delete(file);
                }
            }
            Directories.delete(EmbeddedPostgres.reachable(directory.resolve("postgres")));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What the last run in a directory wrote to {@code endpoints.json}; empty if there was none. It may have ended. */
    public static Map<String, Object> lastEndpoints(Path directory) {
        Path file = directory.resolve(ENDPOINTS);
        if (!Files.exists(file)) {
            return Map.of();
        }
        return JsonMapper.builder().build().readValue(file.toFile(), new TypeReference<Map<String, Object>>() {});
    }

    private void describe() {
        if (postgres != null) {
            endpoints.put("source.url", postgres.jdbcUrl("erp"));
            endpoints.put("analytics.url", postgres.jdbcUrl("analytics"));
            endpoints.put("postgres.user", EmbeddedPostgres.USER);
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
        endpoints.put("pid", ProcessHandle.current().pid());
        publish(Map.of());
    }

    /**
     * Writes {@code endpoints.json}.
     *
     * @param more what else to tell there, e.g. the address of the HTTP server
     */
    public void publish(Map<String, Object> more) {
        endpoints.putAll(more);
        try {
            Path unfinished = directory.resolve("endpoints.json.new");
            Files.writeString(
                    unfinished,
                    JsonMapper.builder()
                                    .build()
                                    .writerWithDefaultPrettyPrinter()
                                    .writeValueAsString(endpoints) + "\n");
            Files.move(
                    unfinished,
                    directory.resolve(ENDPOINTS),
                    java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A port for one more server of this directory: the one it had in its last run, if that is free. */
    public int choosePort(String server) {
        return Ports.choose(server, 0, directory.resolve(server + "-port"));
    }

    /** What {@code endpoints.json} says. */
    public Map<String, Object> endpoints() {
        return Map.copyOf(endpoints);
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
        try {
            lockFile.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
