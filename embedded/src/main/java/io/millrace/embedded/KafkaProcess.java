package io.millrace.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;

/** A KRaft broker and controller in one. */
public final class KafkaProcess implements AutoCloseable {
    private final KafkaRaftServer server;

    private KafkaProcess(KafkaRaftServer server) {
        this.server = server;
    }

    static KafkaProcess start(Properties properties) throws IOException {
        format(properties);
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
        // A broker in this JVM must not end it; in a process of its own, the failure ends main.
        Exit.setHaltProcedure((status, message) -> fault(status, message));
        Exit.setExitProcedure((status, message) -> fault(status, message));
        try {
            server.startup();
        } catch (RuntimeException | Error failed) {
            // Its controller's threads would live on.
            server.shutdown();
            server.awaitShutdown();
            throw failed;
        }
        return new KafkaProcess(server);
    }

    private static void fault(int status, @Nullable String message) {
        throw new IllegalStateException("Kafka ended with status " + status + (message == null ? "" : ": " + message));
    }

    /** Gives new log directories their identity, as {@code kafka-storage format} does. */
    private static void format(Properties properties) throws IOException {
        Path logs = Path.of(properties.getProperty("log.dirs"));
        if (Files.exists(logs.resolve("meta.properties"))) {
            return;
        }
        Files.createDirectories(logs);
        Path file = Files.createTempFile("millrace-kafka", ".properties");
        try (ByteArrayOutputStream said = new ByteArrayOutputStream();
                PrintStream printed = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            try (Writer writer = Files.newBufferedWriter(file)) {
                properties.store(writer, null);
            }
            int code = StorageTool.execute(
                    new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()}, printed);
            if (code != 0) {
                throw new IOException(said.toString(StandardCharsets.UTF_8).strip());
            }
        } finally {
            Files.delete(file);
        }
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    /** Runs a broker until the process is ended: {@code KafkaProcess FILE}. */
    public static void main(String[] arguments) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(List.of(arguments).getFirst()))) {
            properties.load(reader);
        }
        KafkaProcess process;
        try {
            process = start(properties);
        } catch (RuntimeException | Error failed) {
            failed.printStackTrace();
            Runtime.getRuntime().halt(1);
            return;
        }
        // What is fatal for the broker ends this process, which is only the broker's.
        Exit.resetHaltProcedure();
        Exit.resetExitProcedure();
        Runtime.getRuntime().addShutdownHook(new Thread(process::close, "shutdown"));
        process.server.awaitShutdown();
    }
}
