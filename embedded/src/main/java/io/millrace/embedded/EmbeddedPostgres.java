package io.millrace.embedded;

import io.millrace.platform.data.Directories;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A Postgres 18 server beside the JVM, on the loopback address, with {@code wal_level=logical}. Databases: {@code erp},
 * {@code analytics}. Can be stopped, killed and started again on the same data and port.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    /** Superuser; the server listens on the loopback address only. */
    public static final String USER = "postgres";

    public static final String PASSWORD = "postgres";
    public static final List<String> DATABASES = List.of("erp", "analytics");

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final String VERSION = "18.6.0";
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("listen_addresses", "127.0.0.1"),
            Map.entry("unix_socket_directories", ""),
            Map.entry("wal_level", "logical"),
            Map.entry("max_wal_senders", "20"),
            Map.entry("max_replication_slots", "20"),
            Map.entry("max_connections", "200"),
            Map.entry("shared_buffers", "256MB"),
            Map.entry("max_wal_size", "4GB"),
            Map.entry("wal_sender_timeout", "30s"),
            Map.entry("max_slot_wal_keep_size", "4GB"),
            Map.entry("lc_messages", "C"),
            Map.entry("timezone", "UTC"),
            Map.entry("log_timezone", "UTC"));

    private final Path home;
    private final Path data;
    private final Path log;
    private final int port;
    private final Map<String, String> settings;
    private @Nullable ChildProcess server;

    private EmbeddedPostgres(Path home, Path data, Path log, int port, Map<String, String> settings) {
        this.home = home;
        this.data = data;
        this.log = log;
        this.port = port;
        this.settings = settings;
    }

    /**
     * Prepares and starts a server.
     *
     * @param directory of the server's files; kept between runs
     * @param wantedPort 0 for any
     * @param extraSettings of {@code postgresql.conf}, in addition or instead of ours
     */
    public static EmbeddedPostgres start(Path directory, int wantedPort, Map<String, String> extraSettings) {
        try {
            Path root = ServerDirectory.create(directory.toAbsolutePath().normalize());
            Path home = binaries(root);
            Path data = root.resolve("data");
            Path log = root.resolve("postgres.log");
            Map<String, String> settings = new TreeMap<>(SETTINGS);
            settings.putAll(extraSettings);
            int port = Ports.choose("Postgres", wantedPort, root.resolve("port"));
            EmbeddedPostgres postgres = new EmbeddedPostgres(home, data, log, port, settings);
            boolean created = postgres.initialise();
            postgres.start();
            if (created) {
                postgres.createDatabases();
            }
            return postgres;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Starts a server on any port whose files are deleted when the JVM ends. */
    public static EmbeddedPostgres untilExit(Map<String, String> extraSettings) {
        try {
            Path directory = Files.createTempDirectory("millrace-postgres-");
            EmbeddedPostgres postgres = start(directory, 0, extraSettings);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> postgres.deleteAll(directory), "delete-postgres"));
            return postgres;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void deleteAll(Path directory) {
        close();
        try {
            Directories.delete(data);
            Directories.delete(directory);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Path binaries(Path root) throws IOException {
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        boolean arm = machine.equals("aarch64") || machine.equals("arm64");
        String resource = "/postgres-linux-" + (arm ? "arm_64" : "x86_64") + ".txz";
        Path shared = Path.of(System.getProperty("java.io.tmpdir"), "millrace-postgres")
                .toAbsolutePath();
        Path home =
                (ServerDirectory.root() ? ServerDirectory.create(shared) : root.resolve("binaries")).resolve(VERSION);
        try (InputStream archive = EmbeddedPostgres.class.getResourceAsStream(resource)) {
            if (archive == null) {
                throw new MillraceException(
                        Category.EXTERNAL,
                        "no Postgres binaries for " + System.getProperty("os.name") + " on " + machine,
                        "point the configuration at an existing Postgres server: source.url and analytics.url");
            }
            Archive.unpack(archive, home);
        }
        return home;
    }

    private boolean initialise() throws IOException {
        if (Files.exists(data.resolve("PG_VERSION"))) {
            return false;
        }
        Directories.delete(data);
        Files.createDirectories(data);
        if (ServerDirectory.root()) {
            run(List.of("chown", "-R", "nobody", data.toString()));
        }
        Path password = data.resolveSibling("password");
        Files.writeString(password, PASSWORD);
        List<String> initdb = new ArrayList<>(unprivileged());
        initdb.addAll(List.of(
                home.resolve("bin/initdb").toString(),
                "-D",
                data.toString(),
                "-U",
                USER,
                "-A",
                "scram-sha-256",
                "--pwfile=" + password,
                "-E",
                "UTF8",
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                "--no-sync"));
        run(initdb);
        Files.delete(password);
        return true;
    }

    /** Postgres refuses to run as root. */
    private static List<String> unprivileged() {
        return ServerDirectory.root()
                ? List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
                : List.of();
    }

    private static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.outputWriter().close();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new MillraceException(
                        Category.RESOURCE,
                        command.getFirst() + " failed: " + output.strip(),
                        "free space or permissions on the data directory; 'millrace demo --fresh' starts over");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    /** Starts the server (again) and waits until it accepts connections. */
    public void start() {
        List<String> command = new ArrayList<>(unprivileged());
        command.addAll(List.of(home.resolve("bin/postgres").toString(), "-D", data.toString(), "-p", "" + port));
        settings.forEach((key, value) -> command.addAll(List.of("-c", key + "=" + value)));
        ChildProcess started = ChildProcess.start("Postgres", command, Map.of(), "INT", log);
        server = started;
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try (Connection connection = DriverManager.getConnection(jdbcUrl("postgres"), USER, PASSWORD)) {
                return;
            } catch (SQLException notYet) {
                if (!started.alive() || System.nanoTime() > deadline) {
                    started.close();
                    throw new MillraceException(
                            Category.RESOURCE,
                            "Postgres did not start: " + notYet.getMessage() + "\n" + started.lastWords(),
                            "see " + log + "; 'millrace demo --fresh' starts over",
                            notYet);
                }
                java.util.concurrent.locks.LockSupport.parkNanos(
                        Duration.ofMillis(20).toNanos());
            }
        }
    }

    private void createDatabases() {
        try (Connection connection = DriverManager.getConnection(jdbcUrl("postgres"), USER, PASSWORD);
                Statement statement = connection.createStatement()) {
            for (String database : DATABASES) {
                try (ResultSet found =
                        statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + database + "'")) {
                    if (found.next()) {
                        continue;
                    }
                }
                statement.execute("CREATE DATABASE " + database);
            }
        } catch (SQLException failed) {
            throw new MillraceException(
                    Category.INTERNAL, "cannot create the databases: " + failed.getMessage(), "see " + log, failed);
        }
    }

    /** A fast shutdown: open transactions are rolled back. */
    public void stop() {
        ChildProcess running = server;
        server = null;
        if (running != null) {
            running.close();
        }
    }

    /** As a crash: the next start recovers from the log. */
    public void kill() {
        ChildProcess running = server;
        server = null;
        if (running != null) {
            running.kill();
        }
    }

    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    public int port() {
        return port;
    }

    /** Of the postmaster; 0 while stopped. */
    public long pid() {
        return server == null ? 0 : server.pid();
    }

    public Path log() {
        return log;
    }

    @Override
    public void close() {
        stop();
    }
}
