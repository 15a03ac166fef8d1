package io.millrace.embedded;

import io.millrace.platform.data.Directories;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.CompressorStreamFactory;

/** Unpacks a compressed tar, once. */
final class Archive {
    private static final int EXECUTABLE = 0100;

    private Archive() {}

    /** Unpacks into {@code target} unless that exists; appears there whole or not at all. */
    static void unpack(InputStream archive, Path target) {
        if (Files.exists(target)) {
            return;
        }
        try {
            Files.createDirectories(target.getParent());
            Path unfinished = Files.createTempDirectory(target.getParent(), ".unpacking");
            openPermissions(unfinished, true);
            try (InputStream plain = new CompressorStreamFactory()
                            .createCompressorInputStream(new BufferedInputStream(archive));
                    TarArchiveInputStream tar = new TarArchiveInputStream(plain)) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    extract(tar, entry, unfinished);
                }
            }
            try {
                Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException another) {
                // Another process was faster with the same archive.
                Directories.delete(unfinished);
            }
        } catch (IOException failed) {
            throw new MillraceException(
                    Category.RESOURCE,
                    "cannot unpack to " + target + ": " + failed.getMessage(),
                    "free space on that file system, or name another directory with --data",
                    failed);
        }
    }

    private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path root) throws IOException {
        Path file = root.resolve(entry.getName()).normalize();
        if (!file.startsWith(root)) {
            throw new IOException("entry outside of the archive: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(file);
            openPermissions(file, true);
            return;
        }
        Path parent = java.util.Objects.requireNonNull(file.getParent(), "file inside the root");
        Files.createDirectories(parent);
        openPermissions(parent, true);
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
        } else {
            Files.copy(tar, file);
            openPermissions(file, (entry.getMode() & EXECUTABLE) != 0);
        }
    }

    /** Another user may have to read and run it: Postgres refuses to run as root. */
    private static void openPermissions(Path file, boolean executable) throws IOException {
        Set<PosixFilePermission> permissions = EnumSet.of(
                PosixFilePermission.OWNER_READ,
                PosixFilePermission.OWNER_WRITE,
                PosixFilePermission.GROUP_READ,
                PosixFilePermission.OTHERS_READ);
        if (executable) {
            permissions.add(PosixFilePermission.OWNER_EXECUTE);
            permissions.add(PosixFilePermission.GROUP_EXECUTE);
            permissions.add(PosixFilePermission.OTHERS_EXECUTE);
        }
        Files.setPosixFilePermissions(file, permissions);
    }
}
