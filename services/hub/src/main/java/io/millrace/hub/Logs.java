package io.millrace.hub;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeAndTimeBasedRollingPolicy;
import ch.qos.logback.core.util.FileSize;
import io.millrace.hub.config.HubConfig;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Where log lines go: to the terminal for a server, to a file where the terminal shows something else. */
final class Logs {
    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %-5level %logger{24} - %msg%n";
    private static final String TERMINAL = "TERMINAL";
    private static final String FILE = "FILE";

    /** Where commands log to, in {@code logback-file.xml}. */
    private static final String FOLDER = "millrace.logs";

    private Logs() {}

    /** Must run before the first logger is made. */
    static void configure(boolean terminal) {
        // Spring Boot would set the logging up again while the roles already log.
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", terminal ? "logback-terminal.xml" : "logback-file.xml");
        }
        if (System.getProperty(FOLDER) == null) {
            System.setProperty(FOLDER, folder().toString());
        }
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    /** Of the log of commands: nothing is written where the user stands. */
    private static Path folder() {
        String home = System.getProperty("millrace.home");
        return home == null
                ? Path.of(System.getProperty("java.io.tmpdir"), "millrace-" + System.getProperty("user.name"))
                : Path.of(home, ".millrace", "logs");
    }

    /** As a server's configuration wants it; a logging file of one's own stays as it is. */
    static void apply(HubConfig.Logs logs) {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        boolean own = root.getAppender(TERMINAL) == null;
        if (own || logs.directory().isEmpty() && logs.format() == HubConfig.Logs.Format.TEXT) {
            return;
        }
        LoggerContext context = root.getLoggerContext();
        root.addAppender(appender(logs, context));
        root.detachAppender(TERMINAL);
    }

    static OutputStreamAppender<ILoggingEvent> appender(HubConfig.Logs logs, LoggerContext context) {
        OutputStreamAppender<ILoggingEvent> appender =
                logs.directory().isEmpty() ? new ConsoleAppender<>() : file(logs, context);
        EncoderBase<ILoggingEvent> encoder = encoder(logs.format());
        encoder.setContext(context);
        encoder.start();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }

    private static EncoderBase<ILoggingEvent> encoder(HubConfig.Logs.Format format) {
        return switch (format) {
            case JSON -> {
                JsonEncoder json = new JsonEncoder();
                json.setWithFormattedMessage(true);
                json.setWithMessage(false);
                json.setWithArguments(false);
                json.setWithSequenceNumber(false);
                json.setWithNanoseconds(false);
                json.setWithContext(false);
                yield json;
            }
            case TEXT -> {
                PatternLayoutEncoder text = new PatternLayoutEncoder();
                text.setPattern(PATTERN);
                yield text;
            }
        };
    }

    private static OutputStreamAppender<ILoggingEvent> file(HubConfig.Logs logs, LoggerContext context) {
        Path folder = Path.of(logs.directory());
        RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
        appender.setName(FILE);
        appender.setFile(folder.resolve("millrace.log").toString());
        SizeAndTimeBasedRollingPolicy<ILoggingEvent> daily = new SizeAndTimeBasedRollingPolicy<>();
        daily.setContext(context);
        daily.setParent(appender);
        daily.setFileNamePattern(
                folder.resolve("millrace.%d{yyyy-MM-dd}.%i.log.gz").toString());
        daily.setMaxFileSize(new FileSize(logs.fileSize().toBytes()));
        daily.setTotalSizeCap(new FileSize(logs.totalSize().toBytes()));
        daily.setMaxHistory(logs.days());
        daily.setCleanHistoryOnStart(true);
        daily.start();
        appender.setRollingPolicy(daily);
        return appender;
    }
}
