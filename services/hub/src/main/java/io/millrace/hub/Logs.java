package io.millrace.hub;

import org.slf4j.bridge.SLF4JBridgeHandler;

/** Where log lines go: to the terminal for a server, to a file where the terminal shows something else. */
final class Logs {
    private Logs() {}

    /** Must run before the first logger is made. */
    static void configure(boolean terminal) {
        // Spring Boot would set the logging up again while the roles already log.
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", terminal ? "logback-terminal.xml" : "logback-file.xml");
        }
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }
}
