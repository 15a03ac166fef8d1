package io.millrace.hub.doctor;

import com.sun.management.UnixOperatingSystemMXBean;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.http.HubServer;
import io.millrace.platform.data.DataDirectory;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The machine that the hub would run on: this one. */
final class MachineCheckup {
    private static final String PART = "machine";
    private static final long GIGABYTE = 1L << 30;
    private static final long FEW_FILES = 4096;

    private MachineCheckup() {}

    static List<Finding> look(HubConfig config) throws IOException {
        List<Finding> findings = new ArrayList<>();
        Path existing = existing(config.data().toAbsolutePath());
        if (!Files.isWritable(existing)) {
            findings.add(Finding.problem(
                    PART,
                    "this user may not write to " + existing + ", where data is to be",
                    "set data in the configuration file, or chown the directory"));
        }
        FileStore disk = Files.getFileStore(existing);
        String free = disk.getUsableSpace() / GIGABYTE + " of " + disk.getTotalSpace() / GIGABYTE + " GB are free for "
                + config.data();
        findings.add(
                disk.getUsableSpace() < GIGABYTE
                        ? Finding.problem(PART, free, "free some space, or set data to another disk")
                        : disk.getUsableSpace() < disk.getTotalSpace() / 10
                                ? Finding.warning(PART, free, "free some space: state of views grows with the source")
                                : Finding.ok(PART, free));
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
            long files = unix.getMaxFileDescriptorCount();
            findings.add(
                    files < FEW_FILES
                            ? Finding.warning(
                                    PART,
                                    "a process may open " + files + " files only",
                                    "ulimit -n 65536, or LimitNOFILE=65536 in the service's unit")
                            : Finding.ok(
                                    PART,
                                    Runtime.getRuntime().availableProcessors() + " processors, "
                                            + unix.getTotalMemorySize() / GIGABYTE + " GB of memory, " + files
                                            + " open files allowed"));
        }
        findings.add(port(config));
        return findings;
    }

    /** The directory itself, or the one in which it would be made. */
    private static Path existing(Path directory) {
        Path parent = directory.getParent();
        return Files.exists(directory) || parent == null ? directory : existing(parent);
    }

    private static Finding port(HubConfig config) {
        if (!DataDirectory.running(config.data()).isEmpty()) {
            return Finding.ok(PART, "a hub runs in " + config.data());
        }
        try {
            HubServer.requireFree(config.http());
            return Finding.ok(PART, "port " + config.http().port() + " is free");
        } catch (MillraceException taken) {
            return Finding.warning(PART, taken.getMessage() + " (by a hub that runs already?)", taken.remedy());
        }
    }
}
