package io.millrace.hub.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.millrace.hub.config.HubConfig;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.sentry.Sentry;
import io.sentry.SentryOptions;
import io.sentry.logback.SentryAppender;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Sends what is logged as an error to Sentry, with the warnings that came before it. */
public final class SentryErrors implements AutoCloseable {
    private final @Nullable SentryAppender appender;

    private SentryErrors(@Nullable SentryAppender appender) {
        this.appender = appender;
    }

    public static SentryErrors start(HubConfig config) {
        HubConfig.Sentry settings = config.sentry();
        if (settings.dsn().isEmpty()) {
            return new SentryErrors(null);
        }
        init(options(settings, config.engine().instance()));
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        SentryAppender appender = new SentryAppender();
        appender.setMinimumEventLevel(Level.ERROR);
        appender.setMinimumBreadcrumbLevel(Level.WARN);
        appender.setContext(root.getLoggerContext());
        appender.start();
        root.addAppender(appender);
        return new SentryErrors(appender);
    }

    private static SentryOptions options(HubConfig.Sentry settings, String instance) {
        SentryOptions options = new SentryOptions();
        options.setDsn(settings.dsn().reveal());
        options.setEnvironment(settings.environment());
        options.setServerName(instance);
        options.setSendDefaultPii(false);
        String version = SentryErrors.class.getPackage().getImplementationVersion();
        options.setRelease("millrace@" + (version == null ? "development" : version));
        return options;
    }

    private static void init(SentryOptions options) {
        try {
            Sentry.init(options);
        } catch (IllegalArgumentException wrong) {
            // Its message may have the key.
            throw new MillraceException(
                    Category.USER,
                    "sentry.dsn is none",
                    "copy it from the project's settings in Sentry: https://KEY@HOST/PROJECT");
        }
    }

    /** Sends what is left. */
    @Override
    public void close() {
        if (appender != null) {
            ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAppender(appender);
            appender.stop();
            Sentry.close();
        }
    }
}
