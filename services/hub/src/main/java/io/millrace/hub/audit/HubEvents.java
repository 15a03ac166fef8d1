package io.millrace.hub.audit;

import io.millrace.hub.config.HubConfig;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.OwnTopics;
import io.millrace.platform.loop.Loop;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.HubEvent;
import io.millrace.schemas.avro.HubEventKind;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the audit trail, at each start of a hub, what it runs with; again until it is told. */
public final class HubEvents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HubEvents.class);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Lane FIRST = new Lane(0);

    private final HubConfig config;
    private final int lanes;
    private final Topic<String, HubEvent> topic;
    private final List<HubEvent> events;
    private final Loop loop = new Loop("hub-events", this::next);

    private HubEvents(HubConfig config, int lanes, SchemaRegistry registry) {
        this.config = config;
        this.lanes = lanes;
        this.topic = new Topics(registry).hubEvents();
        this.events = List.of(
                event(HubEventKind.CATALOG, HubContent.catalog(config.catalog())),
                event(HubEventKind.CONFIGURATION, HubContent.configuration(config)));
    }

    public static HubEvents start(HubConfig config, int lanes, SchemaRegistry registry) {
        HubEvents fresh = new HubEvents(config, lanes, registry);
        fresh.loop.start();
        return fresh;
    }

    private HubEvent event(HubEventKind kind, Map<String, String> content) {
        return new HubEvent(
                config.engine().instance(), kind, content, System.getProperty("user.name", "unknown"), Instant.now());
    }

    private Duration next() throws InterruptedException {
        try {
            tell();
            loop.end();
        } catch (MillraceException | ExecutionException | KafkaException away) {
            LOG.warn("the audit trail cannot be told now what this hub runs with: {}", away.getMessage());
        }
        return AGAIN;
    }

    private void tell() throws InterruptedException, ExecutionException {
        OwnTopics.create(
                config.kafka().servers(),
                List.of(topic.toNewTopic(lanes, config.kafka().replicationFactor())));
        try (HubProducer<String, HubEvent> producer = new HubProducer<>(
                config.kafka().servers(),
                HubProducer.IMPATIENT,
                new StringSerializer(),
                topic.values().serializer())) {
            for (HubEvent event : events) {
                producer.send(topic.record(FIRST, event.getInstance() + " " + event.getKind(), event))
                        .get();
            }
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
