package io.millrace.hub.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start another process of this program: with the Java, the class path and the servers of this one. */
final class SelfProcess {
    private SelfProcess() {}

    static List<String> command(String heap, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-XX:+UseSerialGC",
                // Quick to start; a demo is too short for the second compiler to pay.
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
