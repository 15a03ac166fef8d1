package io.millrace.embedded;

import io.millrace.platform.data.Directories;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.UUID;

/**
 * Where Postgres keeps its files. As root, the server runs as another user, who cannot get at every directory: its files are then
 * below {@code /var/tmp}, and the wanted directory is an empty one that stands for them. What stands for nothing any more is removed
 * at the next start.
 */
final class ServerDirectory {
    /** Open to every user, and kept over a restart of the machine. */
    private static final Path SHARED = Path.of("/var/tmp");

    private static final String PREFIX = "millrace-";

    /** Names the wanted directory. */
    private static final String STANDS_FOR = "directory";

    private static final String PROCESS = "data/postmaster.pid";

    private ServerDirectory() {}

    static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Creates the directory, or the one in its place, and removes those that nobody will use again. */
    static Path create(Path wanted) throws IOException {
        Path directory = of(wanted);
        Files.createDirectories(wanted);
        Files.createDirectories(directory);
        if (!directory.equals(wanted)) {
            Files.writeString(directory.resolveSibling(STANDS_FOR), wanted.toString());
            removeAbandoned(SHARED);
        }
        return directory;
    }

    /** The directory itself, or the one in its place. */
    static Path of(Path wanted) throws IOException {
        return root() && !isOpenToOthers(wanted) ? inPlaceOf(wanted, SHARED) : wanted;
    }

    private static boolean isOpenToOthers(Path directory) throws IOException {
        for (Path parent = directory; parent != null; parent = parent.getParent()) {
            if (Files.exists(parent)
                    && !Files.getPosixFilePermissions(parent).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                return false;
            }
        }
        return true;
    }

    static Path inPlaceOf(Path wanted, Path shared) {
        UUID name = UUID.nameUUIDFromBytes(wanted.toString().getBytes(StandardCharsets.UTF_8));
        return shared.resolve(PREFIX + name).resolve(wanted.getFileName());
    }

    /** Removes the directories of {@code shared} that are in the place of one that does not exist any more. */
    static void removeAbandoned(Path shared) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(shared, PREFIX + "*")) {
            for (Path one : all) {
                if (isAbandoned(one)) {
                    Directories.delete(one);
                }
            }
        }
    }

    private static boolean isAbandoned(Path one) throws IOException {
        try {
            Path wanted = Path.of(Files.readString(one.resolve(STANDS_FOR)));
            return !Files.exists(wanted) && !isServed(one.resolve(wanted.getFileName()));
        } catch (NoSuchFileException notOurs) {
            return false;
        }
    }

    /** Whether a server runs there. */
    private static boolean isServed(Path directory) throws IOException {
        try {
            long process = Long.parseLong(
                    Files.readAllLines(directory.resolve(PROCESS)).getFirst().strip());
            return ProcessHandle.of(process).isPresent();
        } catch (NoSuchFileException stopped) {
            return false;
        }
    }
}
