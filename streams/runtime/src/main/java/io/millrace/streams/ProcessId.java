package io.millrace.streams;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Kafka Streams names its producers after a random id that it keeps in the state directory. Where that directory is lost with
 * the process, nobody would abort what the old producers left open, and readers of committed data would wait for its timeout.
 * So the id is made of the instance's name.
 */
final class ProcessId {
    private static final String FILE = "kafka-streams-process-metadata";

    private ProcessId() {}

    /** Before Kafka Streams starts. */
    static void keep(Path stateDirectory, String applicationId, String instance) {
        Path file = stateDirectory.resolve(applicationId).resolve(FILE);
        UUID id = UUID.nameUUIDFromBytes((applicationId + "/" + instance).getBytes(StandardCharsets.UTF_8));
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, "{\"processId\":\"" + id + "\"}");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
