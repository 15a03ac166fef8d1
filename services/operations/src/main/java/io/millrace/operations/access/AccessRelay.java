package io.millrace.operations.access;

import io.millrace.governance.audit.GatewayEvents;
import io.millrace.operations.TopicFailure;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.loop.Loop;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.GatewayEvent;
import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what happened at the door from {@code access.event} to the audit trail, and the alerts that it makes to governance. Of several
 * processes one does it at a time. What Kafka has and the database does not know of is sent again: both know what comes twice.
 */
public final class AccessRelay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AccessRelay.class);
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final Duration FORGET = Duration.ofHours(1);
    private static final Duration AGAIN = Duration.ofSeconds(10);

    /** Of the transaction that relays; any number that nobody else takes. */
    private static final long LOCK = 0x6d_72_61_63_63_65_73_73L;

    private static final Lane FIRST = new Lane(0);

    private final Jdbi jdbi;
    private final KafkaServers kafkaServers;
    private final Topic<String, GatewayEvent> events;
    private final Topic<String, Violation> violations;
    private final HubProducer<String, GatewayEvent> eventProducer;
    private final HubProducer<String, Violation> violationProducer;
    private final SecurityAlerts alerts;
    private final Loop loop = new Loop("gateway-audit", this::next);
    private boolean all = true;
    private Instant forgotten = Instant.EPOCH;
    private volatile String trouble = "";

    AccessRelay(Jdbi jdbi, String source, KafkaServers kafkaServers, SchemaRegistry registry) {
        this.jdbi = jdbi;
        this.kafkaServers = kafkaServers;
        Topics topics = new Topics(registry);
        this.events = topics.gatewayEvents();
        this.violations = topics.violations();
        this.alerts = new SecurityAlerts(source);
        this.eventProducer = new HubProducer<>(
                kafkaServers,
                HubProducer.IMPATIENT,
                new StringSerializer(),
                events.values().serializer());
        this.violationProducer = new HubProducer<>(
                kafkaServers,
                HubProducer.IMPATIENT,
                new StringSerializer(),
                violations.values().serializer());
    }

    public void start() {
        loop.start();
    }

    /** Why the audit trail is not told now; empty if it is. */
    public String trouble() {
        return trouble;
    }

    private Duration next() throws InterruptedException {
        try {
            boolean more = jdbi.inTransaction(this::round);
            trouble = "";
            return more ? Duration.ZERO : LOOK;
        } catch (MillraceException | KafkaException | JdbiException away) {
            if (trouble.isEmpty()) {
                LOG.warn(
                        "gateway: the audit trail cannot be told now what happened at the door; it is kept: {}",
                        away.getMessage());
            }
            trouble = String.valueOf(away.getMessage());
            return AGAIN;
        }
    }

    /** Returns whether there is more. */
    private boolean round(Handle handle) throws InterruptedException {
        boolean alone = handle.createQuery("SELECT pg_try_advisory_xact_lock(:lock)")
                .bind("lock", LOCK)
                .mapTo(Boolean.class)
                .one();
        if (!alone) {
            return false;
        }
        List<AccessEvents.Untold> untold = AccessEvents.untold(handle, GatewayEvents.BATCH);
        List<SecurityAlerts.News> news = alerts.news(handle, all);
        send(untold, news);
        AccessEvents.told(handle, untold);
        SecurityAlerts.told(handle, news);
        if (Duration.between(forgotten, Instant.now()).compareTo(FORGET) > 0) {
            AccessEvents.forget(handle);
            forgotten = Instant.now();
        }
        all = false;
        return untold.size() == GatewayEvents.BATCH;
    }

    private void send(List<AccessEvents.Untold> untold, List<SecurityAlerts.News> news) throws InterruptedException {
        List<Future<?>> sent = new ArrayList<>();
        try {
            for (AccessEvents.Untold each : untold) {
                sent.add(begun(eventProducer.send(events.record(FIRST, each.id(), event(each)))));
            }
            for (SecurityAlerts.News each : news) {
                sent.add(begun(violationProducer.send(violations.record(FIRST, each.id(), each.violation()))));
                if (each.isOver()) {
                    sent.add(begun(violationProducer.send(
                            new ProducerRecord<>(violations.name(), FIRST.index(), each.id(), null))));
                }
            }
            for (Future<?> each : sent) {
                each.get();
            }
        } catch (ExecutionException failed) {
            throw TopicFailure.writing(events.name() + " or " + violations.name(), kafkaServers, failed);
        }
    }

    /** Where Kafka is away, each record would wait for it by itself: the first one tells. */
    private static Future<?> begun(Future<?> sent) throws ExecutionException, InterruptedException {
        if (sent.isDone()) {
            sent.get();
        }
        return sent;
    }

    private static GatewayEvent event(AccessEvents.Untold untold) {
        return new GatewayEvent(
                untold.id(),
                untold.kind(),
                untold.actor(),
                untold.subject(),
                untold.address(),
                untold.detail(),
                untold.times(),
                untold.at());
    }

    @Override
    public void close() {
        loop.close();
        eventProducer.close();
        violationProducer.close();
    }
}
