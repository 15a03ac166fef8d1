package io.millrace.streams;

import io.millrace.schemas.DeadRecord;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.registry.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the records of one topic. One that is none of the hub's is set aside as a dead letter, and the others go on. */
public final class RecordReader<T> {
    private static final Logger LOG = LoggerFactory.getLogger(RecordReader.class);

    private final Topic<?, T> topic;
    private final Deserializer<T> values;
    private final Topic<String, DeadLetter> letters;
    private final Serializer<DeadLetter> writer;

    public RecordReader(Topic<?, T> topic, SchemaRegistry registry) {
        this.topic = topic;
        this.values = topic.values().deserializer();
        this.letters = new Topics(registry).deadLetters();
        this.writer = letters.values().serializer();
    }

    /** Null for a record that was set aside. */
    public @Nullable T read(ProcessorContext<byte[], Outgoing> context, Record<byte[], byte[]> record) {
        try {
            T value = values.deserialize(topic.name(), record.value());
            if (value != null) {
                return value;
            }
            setAside(context, record, "it has no value");
        } catch (SerializationException unreadable) {
            Throwable cause = unreadable.getCause() == null ? unreadable : unreadable.getCause();
            setAside(context, record, unreadable.getMessage() + ": " + cause.getMessage());
        }
        return null;
    }

    /** @param reason for which it cannot be one of the hub's */
    public void setAside(ProcessorContext<byte[], Outgoing> context, Record<byte[], byte[]> record, String reason) {
        RecordMetadata place = context.recordMetadata().orElseThrow();
        LOG.error(
                "topic {}, partition {}, offset {} is set aside: {}",
                place.topic(),
                place.partition(),
                place.offset(),
                reason);
        DeadLetter letter =
                DeadRecord.foreign(place.topic(), place.partition(), place.offset(), record.value(), reason);
        context.forward(new Record<>(
                letter.getId().getBytes(StandardCharsets.UTF_8),
                new Outgoing(letters.name(), new Lane(place.partition()), writer.serialize(letters.name(), letter)),
                context.currentSystemTimeMs()));
    }
}
