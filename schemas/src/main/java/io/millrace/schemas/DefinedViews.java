package io.millrace.schemas;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.registry.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Topic {@code views.definitions}: what each view is, and at which version its rows are to be published. */
public final class DefinedViews {
    /** Of all processes: of two that change definitions at once, one fences the other. */
    private static final String TRANSACTIONAL_ID = "millrace-view-definitions";

    private static final int ATTEMPTS = 20;

    private final KafkaServers kafkaServers;
    private final Topic<String, ViewDefinition> topic;

    public DefinedViews(KafkaServers kafkaServers, SchemaRegistry registry) {
        this.kafkaServers = kafkaServers;
        this.topic = new Topics(registry).viewDefinitions();
    }

    /** By name, what is defined now. */
    public Map<String, ViewDefinition> read() {
        Map<String, ViewDefinition> defined = new TreeMap<>();
        CommittedTopic.of(kafkaServers, topic.name(), 1).read(record -> {
            ViewDefinition definition = topic.readable(record.value());
            if (record.value() == null) {
                defined.remove(new String(record.key(), StandardCharsets.UTF_8));
            } else if (definition != null) {
                defined.put(definition.getView(), definition);
            }
        });
        return defined;
    }

    /**
     * Changes definitions, one process after the other.
     *
     * @param change from what is defined to what changes, by name; null for one that goes
     * @return what is defined afterwards
     */
    public Map<String, ViewDefinition> change(
            Function<Map<String, ViewDefinition>, Map<String, @Nullable ViewDefinition>> change) {
        Map<String, ViewDefinition> before;
        try {
            before = read();
        } catch (TimeoutException away) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot read the definitions of views at " + kafkaServers + ": " + away.getMessage(),
                    "start Kafka, or correct kafka.bootstrap-servers",
                    away);
        }
        if (change.apply(before).isEmpty()) {
            // So it is at most starts: then nobody has to be fenced.
            return before;
        }
        KafkaException fenced = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                return changeOnce(change);
            } catch (ProducerFencedException | InvalidProducerEpochException byAnother) {
                fenced = byAnother;
            }
        }
        throw new MillraceException(
                Category.EXTERNAL,
                "the definitions of views at " + kafkaServers + " are being changed by other processes all the time",
                "see which hubs start again and again, and why",
                fenced);
    }

    private Map<String, ViewDefinition> changeOnce(
            Function<Map<String, ViewDefinition>, Map<String, @Nullable ViewDefinition>> change) {
        Map<String, Object> settings = Map.of(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                TRANSACTIONAL_ID,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                KafkaServers.MAX_RECORD_BYTES);
        try (HubProducer<byte[], byte[]> producer =
                new HubProducer<>(kafkaServers, settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            // From here on nobody who read before can write any more.
            producer.initTransactions();
            Map<String, ViewDefinition> defined = new HashMap<>(read());
            Map<String, @Nullable ViewDefinition> changes = change.apply(defined);
            if (changes.isEmpty()) {
                return defined;
            }
            producer.beginTransaction();
            changes.forEach((name, definition) -> {
                send(producer, record(name, definition));
                if (definition == null) {
                    defined.remove(name);
                } else {
                    defined.put(name, definition);
                }
            });
            producer.commitTransaction();
            return defined;
        }
    }

    /** A record that fails makes the commit fail: nothing to do with the future. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private static void send(HubProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record) {
        producer.send(record);
    }

    private ProducerRecord<byte[], byte[]> record(String name, @Nullable ViewDefinition definition) {
        return new ProducerRecord<>(
                topic.name(),
                0,
                name.getBytes(StandardCharsets.UTF_8),
                definition == null ? null : topic.values().serializer().serialize(topic.name(), definition));
    }

    /** Another version than the one that there was, whichever that was. */
    public static long newVersion(@Nullable ViewDefinition before) {
        long now = System.currentTimeMillis();
        return before == null ? now : Math.max(before.getVersion() + 1, now);
    }

    /** The same view, of which all rows are to be published again. */
    public static ViewDefinition again(ViewDefinition definition) {
        return ViewDefinition.newBuilder(definition)
                .setVersion(newVersion(definition))
                .build();
    }
}
