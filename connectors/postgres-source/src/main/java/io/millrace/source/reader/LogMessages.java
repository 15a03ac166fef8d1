package io.millrace.source.reader;

import io.millrace.schemas.row.Clock;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the messages mean that {@code pg_logical_emit_message} writes into a transaction. */
final class LogMessages {
    private static final Logger LOG = LoggerFactory.getLogger(LogMessages.class);
    private static final String ACTOR_PREFIX = "millrace.actor";

    private static final String OWN_PREFIX = "millrace.";

    private LogMessages() {}

    /** Whether the message is for the hub: a heartbeat has no other meaning than that its transaction was seen. */
    static boolean isOwn(String prefix) {
        return prefix.startsWith(OWN_PREFIX);
    }

    /** Null for a message that tells nothing about its transaction. */
    static @Nullable LogEvent event(String prefix, String content) {
        return switch (prefix) {
            case ACTOR_PREFIX -> new LogEvent.Actor(content);
            case Clock.PREFIX -> clock(content);
            default -> null;
        };
    }

    private static @Nullable LogEvent clock(String content) {
        try {
            return new LogEvent.Clock(LocalDate.parse(content));
        } catch (DateTimeParseException malformed) {
            LOG.warn("a message of prefix {} is not a date and is skipped: '{}'", Clock.PREFIX, content);
            return null;
        }
    }
}
