package io.millrace.schemas;

import io.millrace.platform.metrics.HubMetric;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterAction;
import io.millrace.schemas.avro.DeadLetterState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A record of a topic that could not be processed, as a dead letter, which is never too large for a topic itself. */
public final class DeadRecord {
    private static final String TOPIC = "topic:";
    private static final int LONGEST_TEXT = 10_000;
    private static final int LARGEST_PAYLOAD = 256 * 1024;

    private DeadRecord() {}

    /** The same letter, whoever finds the record. */
    public static DeadLetter foreign(String topic, int partition, long offset, byte @Nullable [] value, String reason) {
        HubMetric.DEAD_LETTERS.counter("topic").increment();
        return letter(
                TOPIC + topic,
                topic,
                partition,
                offset,
                value,
                reason,
                "find out who writes to this topic, which is the hub's alone; then settle it with 'millrace deadletters discard'");
    }

    /** Whether the letter is of a record that is none of the hub's. */
    public static boolean isForeign(String origin) {
        return origin.startsWith(TOPIC);
    }

    /** @param origin the stage that failed */
    public static DeadLetter letter(
            String origin,
            String topic,
            int partition,
            long offset,
            byte @Nullable [] value,
            String reason,
            String remedy) {
        String where = topic + ", partition " + partition + ", offset " + offset;
        return new DeadLetter(
                UUID.nameUUIDFromBytes((origin + " " + where).getBytes(StandardCharsets.UTF_8))
                        .toString(),
                origin,
                "",
                partition,
                0L,
                DeadLetterState.OPEN,
                "topic " + where,
                bounded(reason),
                remedy,
                // The topic has the others, for as long as it keeps them.
                value == null || value.length > LARGEST_PAYLOAD ? null : ByteBuffer.wrap(value),
                Instant.now());
    }

    /** The letter about which a person decided, afterwards. */
    public static DeadLetter decided(DeadLetterAction action, DeadLetterState state, String reason, String remedy) {
        return new DeadLetter(
                action.getLetter(),
                action.getOrigin(),
                action.getSource(),
                action.getLane(),
                action.getCommitLsn(),
                state,
                action.getSubject(),
                bounded(reason),
                remedy,
                action.getPayload(),
                Instant.now());
    }

    /** A text of a letter, not longer than anybody reads. */
    public static String bounded(String text) {
        return text.length() <= LONGEST_TEXT
                ? text
                : text.substring(0, LONGEST_TEXT) + "… (" + text.length() + " characters)";
    }
}
