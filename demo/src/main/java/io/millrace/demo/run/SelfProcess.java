package io.millrace.demo.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start another process of this program: with the Java, the class path and the servers of this one. */
public final class SelfProcess {
    private SelfProcess() {}

    /** @param heap e.g. {@code -Xmx1g} */
    public static List<String> command(String heap, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-XX:+UseSerialGC",
                // Quick to start; a demo is too short for the second compiler to pay.
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(classArchive(main));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Whether a process of this program that ends takes some 10 s more, once, since it writes a class archive that makes the next start
     * quicker by as much.
     */
    static boolean writesClassArchive(Class<?> main) {
        return archivesClasses() && !Files.exists(archive(main));
    }

    /** The JVM writes its loaded classes beside the jar when it ends, and starts from them the next time. */
    private static List<String> classArchive(Class<?> main) {
        return archivesClasses()
                ? List.of(
                        "-XX:+AutoCreateSharedArchive",
                        "-XX:SharedArchiveFile=" + archive(main),
                        "-Xlog:cds*=off",
                        "-Xlog:aot*=off")
                : List.of();
    }

    /** Not in a build's own run, whose class path is not one jar. */
    private static boolean archivesClasses() {
        Path jar = jar();
        return Files.isRegularFile(jar) && Files.isWritable(jar.toAbsolutePath().getParent());
    }

    private static Path archive(Class<?> main) {
        return jar().resolveSibling(main.getSimpleName() + ".jsa");
    }

    private static Path jar() {
        return Path.of(System.getProperty("java.class.path"));
    }
}
