package io.millrace.platform.kafka;

import io.millrace.platform.kafka.HangingTransactions.Hanging;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * How transactions were to end, from the brokers' own topic {@code __transaction_state}: its newest segment still has each transaction's
 * decision. Reads the formats 0 and 1 of Kafka's TransactionLogValue; of anything else it says that nobody knows.
 */
public final class TransactionLog {
    private static final String TOPIC = "__transaction_state";
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int FLEXIBLE = 1;
    private static final byte PREPARE_COMMIT = 2;
    private static final byte PREPARE_ABORT = 3;

    private final KafkaServers servers;

    /** How a transaction was to end. */
    public enum Decision {
        COMMIT,
        ABORT,
        UNKNOWN
    }

    /** One of the log's records. */
    private record Entry(long producerId, short producerEpoch, byte status, boolean hasPartition) {}

    public TransactionLog(KafkaServers servers) {
        this.servers = servers;
    }

    /** Reads the log's partition of this transactional id, which may take some seconds. */
    public Decision decision(Hanging hanging) {
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                servers.settings(Map.of("auto.offset.reset", "earliest", "enable.auto.commit", "false")),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            int partitions = consumer.partitionsFor(TOPIC).size();
            int partition = Utils.abs(hanging.transactionalId().hashCode()) % partitions;
            TopicPartition log = new TopicPartition(TOPIC, partition);
            consumer.assign(List.of(log));
            consumer.seekToBeginning(List.of(log));
            long end = consumer.endOffsets(List.of(log)).getOrDefault(log, 0L);
            Decision decision = Decision.UNKNOWN;
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (consumer.position(log) < end) {
                if (System.nanoTime() > deadline) {
                    // A log that was read in part may lack the decision that counts.
                    return Decision.UNKNOWN;
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    decision = read(record, hanging).orElse(decision);
                }
            }
            return decision;
        }
    }

    /** What a record says of the transaction; empty if nothing. The last one counts. */
    private static Optional<Decision> read(ConsumerRecord<byte[], byte[]> record, Hanging hanging) {
        if (record.value() == null || !isOf(record.key(), hanging.transactionalId())) {
            return Optional.empty();
        }
        Entry entry;
        try {
            entry = entry(ByteBuffer.wrap(record.value()), hanging.partition());
        } catch (RuntimeException otherFormat) {
            return Optional.of(Decision.UNKNOWN);
        }
        // Since version 2 of transactions, a decision has the epoch after the one of the records.
        int ahead = entry.producerEpoch - hanging.producerEpoch();
        if (entry.producerId != hanging.producerId() || ahead < 0 || ahead > 1 || !entry.hasPartition) {
            return Optional.empty();
        }
        return switch (entry.status) {
            case PREPARE_COMMIT -> Optional.of(Decision.COMMIT);
            case PREPARE_ABORT -> Optional.of(Decision.ABORT);
            default -> Optional.empty();
        };
    }

    private static boolean isOf(byte[] key, String transactionalId) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(key);
            if (buffer.getShort() != 0) {
                return false;
            }
            byte[] id = new byte[buffer.getShort()];
            buffer.get(id);
            return new String(id, StandardCharsets.UTF_8).equals(transactionalId);
        } catch (BufferUnderflowException | NegativeArraySizeException otherFormat) {
            return false;
        }
    }

    private static Entry entry(ByteBuffer value, TopicPartition partition) {
        short version = value.getShort();
        if (version < 0 || version > FLEXIBLE) {
            throw new IllegalArgumentException("format " + version);
        }
        ByteBufferAccessor fields = new ByteBufferAccessor(value);
        long producerId = fields.readLong();
        short producerEpoch = fields.readShort();
        fields.readInt();
        byte status = fields.readByte();
        boolean found = false;
        int topics = version == FLEXIBLE ? fields.readUnsignedVarint() - 1 : fields.readInt();
        for (int i = 0; i < topics; i++) {
            int length = version == FLEXIBLE ? fields.readUnsignedVarint() - 1 : fields.readShort();
            String topic = new String(fields.readArray(length), StandardCharsets.UTF_8);
            int partitions = version == FLEXIBLE ? fields.readUnsignedVarint() - 1 : fields.readInt();
            for (int j = 0; j < partitions; j++) {
                found |= fields.readInt() == partition.partition() && topic.equals(partition.topic());
            }
            if (version == FLEXIBLE) {
                skipTags(fields);
            }
        }
        return new Entry(producerId, producerEpoch, status, found);
    }

    private static void skipTags(ByteBufferAccessor fields) {
        int tags = fields.readUnsignedVarint();
        for (int i = 0; i < tags; i++) {
            fields.readUnsignedVarint();
            fields.readArray(fields.readUnsignedVarint());
        }
    }
}
