package io.millrace.source.publish;

import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterState;
import io.millrace.schemas.registry.Framing;
import io.millrace.source.SourceDefinition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Rows that cannot be published: each is a dead letter until a change of it can be. Letters are written in the Kafka transaction of
 * the epoch. Not thread-safe.
 */
final class Quarantine {
    /** Beside a row a part of an epoch has other changes, and every record has its own overhead. */
    static final int LARGEST_ROW = KafkaServers.MAX_RECORD_BYTES - 2 * 1024 * 1024;

    static final String TOO_LARGE = "the row is too large: ";
    private static final int LONGEST_TEXT = 300;

    private final SourceDefinition definition;
    private final Topic<String, DeadLetter> letters;
    private final Map<String, DeadLetter> open = new HashMap<>();

    /** Of the open epoch. */
    private final Map<String, DeadLetter> changed = new HashMap<>();

    Quarantine(SourceDefinition definition, KafkaCluster cluster, Topic<String, DeadLetter> letters) {
        this.definition = definition;
        this.letters = letters;
        for (Lane lane : definition.allLanes()) {
            CommittedTopic.existing(cluster.kafkaServers(), letters.name())
                    .only(lane.index())
                    .read(record -> read(record.value()));
        }
    }

    private void read(byte @Nullable [] value) {
        DeadLetter letter = letters.readable(value);
        if (letter != null
                && letter.getOrigin().startsWith("table:")
                && letter.getSource().equals(definition.name().toString())) {
            keep(letter);
        }
    }

    private void keep(DeadLetter letter) {
        if (letter.getState() == DeadLetterState.OPEN) {
            open.put(letter.getId(), letter);
        } else {
            open.remove(letter.getId());
        }
    }

    /** How many rows are kept out. */
    int size() {
        return open.size();
    }

    /** Whether the row is kept out for its size. */
    boolean isTooLarge(TableName table, byte[] key) {
        if (open.isEmpty() && changed.isEmpty()) {
            return false;
        }
        DeadLetter letter = letter(id(table, key));
        return letter != null
                && letter.getState() == DeadLetterState.OPEN
                && letter.getReason().startsWith(TOO_LARGE);
    }

    private @Nullable DeadLetter letter(String id) {
        DeadLetter now = changed.get(id);
        return now == null ? open.get(id) : now;
    }

    /** @param subject the row's key, readable */
    ProducerRecord<byte[], byte[]> reject(
            TableName table, Lane lane, byte[] key, String subject, Lsn position, String reason) {
        return write(new DeadLetter(
                id(table, key),
                "table:" + table,
                definition.name().toString(),
                lane.index(),
                position.value(),
                DeadLetterState.OPEN,
                subject,
                reason.length() > LONGEST_TEXT ? reason.substring(0, LONGEST_TEXT) + "…" : reason,
                "correct the row in the ERP; until then views leave it out. The next change of the row resolves this by itself",
                null,
                Instant.now()));
    }

    /** A row was published or deleted; the letter's end if there was one, else null. */
    @Nullable ProducerRecord<byte[], byte[]> accept(TableName table, byte[] key) {
        if (open.isEmpty() && changed.isEmpty()) {
            return null;
        }
        DeadLetter letter = letter(id(table, key));
        return letter == null || letter.getState() != DeadLetterState.OPEN
                ? null
                : write(DeadLetter.newBuilder(letter)
                        .setState(DeadLetterState.HEALED)
                        .setAt(Instant.now())
                        .build());
    }

    private ProducerRecord<byte[], byte[]> write(DeadLetter letter) {
        changed.put(letter.getId(), letter);
        return new ProducerRecord<>(
                letters.name(),
                letter.getLane(),
                letter.getId().getBytes(StandardCharsets.UTF_8),
                letters.values().serializer().serialize(letters.name(), letter));
    }

    private String id(TableName table, byte[] key) {
        String row =
                definition.name() + "\0" + table + "\0" + HexFormat.of().formatHex(key, Framing.HEADER, key.length);
        return UUID.nameUUIDFromBytes(row.getBytes(StandardCharsets.UTF_8)).toString();
    }

    void abort() {
        changed.clear();
    }

    void publish() {
        changed.values().forEach(this::keep);
        changed.clear();
    }
}
