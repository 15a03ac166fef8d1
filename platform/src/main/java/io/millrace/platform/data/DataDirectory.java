package io.millrace.platform.data;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A directory that one process at a time has for its own. While it runs, the process tells other ones in {@code endpoints.json} where
 * its servers are. Not thread-safe.
 */
public final class DataDirectory implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String MARKER = ".millrace-data";
    private static final String LOCK = ".lock";
    private static final String ENDPOINTS = "endpoints.json";
    private static final String PID = "pid";
    private static final String STARTED = "started";

    private final Path path;
    private final FileChannel lock;
    private final Map<String, Object> endpoints = new LinkedHashMap<>();

    private DataDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Takes the directory, and creates it if it does not exist.
     *
     * @throws MillraceException if another process has it, or it is a directory of somebody else
     */
    public static DataDirectory open(Path directory) {
        Path root = directory.toAbsolutePath().normalize();
        mark(root);
        try {
            FileChannel channel = FileChannel.open(
                    root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
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
            return new DataDirectory(root, channel);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /**
     * Makes it a data directory, unless it is one: whoever writes the first file there does this before.
     *
     * @throws MillraceException if it is a directory of somebody else
     */
    public static void mark(Path root) {
        try {
            if (Files.exists(root) && !Files.exists(root.resolve(MARKER)) && !isEmpty(root)) {
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

    private static boolean isEmpty(Path root) throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            return files.allMatch(file -> file.endsWith("logs"));
        }
    }

    /** Bytes after the first: the first holds the owner's process id, and stays readable. */
    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock(Long.MAX_VALUE - 1, 1, false) != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }

    /** What the process tells that has the directory now; empty if none has it, or has not told anything yet. */
    public static Map<String, Object> running(Path directory) {
        try {
            Map<String, Object> told =
                    JSON.readValue(Files.readString(directory.resolve(ENDPOINTS)), new TypeReference<>() {});
            return isRunning(told) ? told : Map.of();
        } catch (IOException | JacksonException none) {
            return Map.of();
        }
    }

    /** A process that was killed leaves its file, and another one may have its number since. */
    private static boolean isRunning(Map<String, Object> told) {
        return told.get(PID) instanceof Number pid
                && ProcessHandle.of(pid.longValue())
                        .filter(process -> started(process).equals(told.get(STARTED)))
                        .isPresent();
    }

    private static String started(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toString).orElse("");
    }

    public Path path() {
        return path;
    }

    /** Removes everything but what this class keeps there. */
    public void clear() {
        try (Stream<Path> files = Files.list(path)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (!name.equals(MARKER) && !name.equals(LOCK)) {
                    Directories.delete(file);
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Tells other processes more; what was told before stays. */
    public void tell(Map<String, Object> more) {
        endpoints.putAll(more);
        Map<String, Object> told = new LinkedHashMap<>(endpoints);
        told.put(PID, ProcessHandle.current().pid());
        told.put(STARTED, started(ProcessHandle.current()));
        try {
            Path unfinished = path.resolve(ENDPOINTS + ".new");
            Files.writeString(unfinished, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(told) + "\n");
            Files.move(
                    unfinished,
                    path.resolve(ENDPOINTS),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What was told, for people to read: without passwords, in the order of the names. */
    public SortedMap<String, Object> told() {
        SortedMap<String, Object> told = new TreeMap<>(endpoints);
        told.keySet().removeIf(key -> key.endsWith("password"));
        return told;
    }

    /** Gives the directory up; a second call does nothing. */
    @Override
    public void close() {
        try {
            if (lock.isOpen()) {
                Files.deleteIfExists(path.resolve(ENDPOINTS));
                lock.close();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
