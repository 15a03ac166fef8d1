package io.millrace.gateway.view;

import io.millrace.gateway.http.Problem;
import io.millrace.platform.kafka.CommittedConsumer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.loop.Loop;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewChanges;
import io.millrace.schemas.avro.ViewRow;
import io.millrace.schemas.registry.SchemaRegistry;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows topic {@code views.updates}, for the keys that change. Begins some minutes back, so that a client can go on where another gateway ended. */
final class UpdatesTail implements AutoCloseable {
    static final Duration KEPT = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(UpdatesTail.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final long KEPT_BYTES = 64L << 20;
    private static final long NOT_TOLD = -1;

    private final String source;
    private final int lanes;
    private final KafkaServers kafkaServers;
    private final Topic<byte[], ViewBatch> topic;
    private final Deserializer<ViewBatch> batches;
    private final ReadPool pool;
    private final AppliedState state;
    private final Loop loop = new Loop("gateway-live", this::step);
    private boolean started;
    private @Nullable CommittedConsumer consumer;
    private volatile ChangedKeys keys;
    private volatile String trouble = "it has not begun";

    /** By lane, the part of a batch that is expected next. */
    private final Map<Integer, Integer> nextPart = new HashMap<>();

    /** Where a source is applied. */
    private record Start(long epoch, Long[] nextOffsets) {}

    UpdatesTail(
            String source,
            int lanes,
            KafkaServers kafkaServers,
            SchemaRegistry registry,
            ReadPool pool,
            AppliedState state) {
        this.source = source;
        this.lanes = lanes;
        this.kafkaServers = kafkaServers;
        this.topic = new Topics(registry).viewUpdates();
        this.batches = topic.values().deserializer();
        this.pool = pool;
        this.state = state;
        this.keys = new ChangedKeys(lanes);
    }

    /** Begins with the first one who needs it. */
    synchronized void start() {
        if (!started) {
            started = true;
            loop.start();
        }
    }

    /** What changed. */
    ChangedKeys keys() {
        return keys;
    }

    /** Why it is not known what changes; empty if it is. */
    String trouble() {
        return trouble;
    }

    private Duration step() {
        try {
            CommittedConsumer open = consumer;
            if (open == null) {
                open = begin();
                consumer = open;
            }
            for (ConsumerRecord<byte[], byte[]> record : open.poll(POLL)) {
                add(record);
            }
            trouble = "";
            Applied now = state.now();
            keys.forget(now.epoch(), now.committedAt().minus(KEPT), KEPT_BYTES);
            // What is not applied yet is not forgotten: the topic waits.
            if (keys.bytes() > KEPT_BYTES) {
                open.pause(open.assignment());
            } else if (!open.paused().isEmpty()) {
                open.resume(open.paused());
            }
            return Duration.ZERO;
        } catch (Problem databaseAway) {
            return AFTER_FAILURE;
        } catch (RuntimeException failed) {
            // What was read is not complete now: the topic is read again.
            trouble = "topic " + topic.name() + " cannot be read: " + failed.getMessage();
            LOG.warn("gateway: {}; connections go on when it can", trouble);
            end();
            return AFTER_FAILURE;
        }
    }

    private CommittedConsumer begin() {
        Start applied = pool.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT epoch, next_offsets FROM analytics.position WHERE source = ?")) {
                select.setString(1, source);
                try (ResultSet row = select.executeQuery()) {
                    return row.next()
                            ? new Start(row.getLong(1), (Long[]) row.getArray(2).getArray())
                            : new Start(0, new Long[0]);
                }
            }
        });
        ChangedKeys fresh = new ChangedKeys(lanes);
        nextPart.clear();
        CommittedConsumer open =
                // Whoever closes this does not wait for a Kafka that is away.
                new CommittedConsumer(
                        kafkaServers.impatient(), Map.of("max.partition.fetch.bytes", KafkaServers.MAX_RECORD_BYTES));
        try {
            List<TopicPartition> partitions = IntStream.range(0, lanes)
                    .mapToObj(lane -> new TopicPartition(topic.name(), lane))
                    .toList();
            open.assign(partitions);
            Map<TopicPartition, Long> since = new HashMap<>();
            partitions.forEach(
                    partition -> since.put(partition, Instant.now().minus(KEPT).toEpochMilli()));
            Map<TopicPartition, OffsetAndTimestamp> back = open.offsetsForTimes(since);
            for (TopicPartition partition : partitions) {
                long next = partition.partition() < applied.nextOffsets.length
                        ? applied.nextOffsets[partition.partition()]
                        : 0;
                OffsetAndTimestamp earlier = back.get(partition);
                if (earlier != null && earlier.offset() < next) {
                    open.seek(partition, earlier.offset());
                } else {
                    open.seek(partition, next);
                    fresh.begin(partition.partition(), applied.epoch);
                }
            }
            keys = fresh;
            return open;
        } catch (RuntimeException failed) {
            open.close();
            throw failed;
        }
    }

    private void add(ConsumerRecord<byte[], byte[]> record) {
        ViewBatch part;
        try {
            part = batches.deserialize(record.topic(), record.value());
        } catch (SerializationException foreign) {
            LOG.warn(
                    "gateway: {}-{}@{} is no batch of views, and is passed over: {}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    foreign.getMessage());
            return;
        }
        int lane = record.partition();
        if (part == null || !part.getSource().equals(source) || part.getLane() != lane) {
            return;
        }
        Integer expected = nextPart.get(lane);
        if (part.getPart() == 0) {
            requireFollowing(lane, part);
        } else if (expected == null) {
            // The rest of a batch that began before.
            if (part.getLastPart()) {
                keys.begin(lane, part.getEpoch());
            }
            return;
        } else if (part.getPart() != expected) {
            throw new Restart("part " + expected + " of epoch " + part.getEpoch() + " of lane " + lane + " is missing");
        }
        for (ViewChanges changes : part.getViews()) {
            boolean whole = changes.getWhole() || changes.getGeneration().isEmpty();
            List<ByteBuffer> changed = new ArrayList<>();
            if (!whole) {
                changes.getUpserts().stream().map(ViewRow::getKey).forEach(changed::add);
                changed.addAll(changes.getDeletes());
            }
            keys.add(part.getEpoch(), part.getCommitLsn(), part.getCommittedAt(), changes.getView(), whole, changed);
        }
        nextPart.put(lane, part.getPart() + 1);
        if (part.getLastPart()) {
            keys.complete(lane, part.getEpoch(), part.getCommitLsn(), part.getCommittedAt());
        }
    }

    /** Where batches are missing, nothing is known of what was before. */
    private void requireFollowing(int lane, ViewBatch first) {
        long end = keys.end(lane);
        long previous = first.getPrevious() == NOT_TOLD ? first.getEpoch() - 1 : first.getPrevious();
        if (end == Long.MIN_VALUE) {
            keys.begin(lane, previous);
        } else if (first.getEpoch() <= end) {
            // The views' state was lost, and their history begins anew.
            LOG.info("gateway: epoch {} comes after epoch {} in lane {}", first.getEpoch(), end, lane);
            keys = new ChangedKeys(lanes);
            keys.begin(lane, previous);
        } else if (previous > end) {
            LOG.warn(
                    "gateway: lane {} lacks what came after epoch {} and before epoch {}: whoever was before it gets a snapshot",
                    lane,
                    end,
                    first.getEpoch());
            keys.begin(lane, previous);
        }
    }

    /** The topic is not what it was. */
    private static final class Restart extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Restart(String message) {
            super(message);
        }
    }

    private void end() {
        CommittedConsumer open = consumer;
        consumer = null;
        keys = new ChangedKeys(lanes);
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        loop.close();
        end();
    }
}
