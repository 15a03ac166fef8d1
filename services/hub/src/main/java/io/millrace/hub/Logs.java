package io.millrace.hub;

/** Where log lines go: to the terminal for a server, to a file where the terminal shows something else. */
final class Logs {
    private Logs() {}

    /** Must run before the first logger is made. */
    static void configure(boolean terminal) {
        if (System.getProperty("logging.config") == null) {
            String file = terminal ? "logback-terminal.xml" : "logback-file.xml";
            System.setProperty("logging.config", "classpath:" + file);
            System.setProperty("logback.configurationFile", file);
        }
    }
}
