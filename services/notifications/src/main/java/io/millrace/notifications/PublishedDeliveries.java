package io.millrace.notifications;

import io.millrace.notifications.ledger.Ledger;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topic;
import io.millrace.schemas.avro.MailDelivery;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What became of mails, from their topic: a ledger that was restored from a backup learns there what was sent since. */
final class PublishedDeliveries {
    private static final Logger LOG = LoggerFactory.getLogger(PublishedDeliveries.class);

    private final KafkaServers kafkaServers;
    private final Topic<String, MailDelivery> topic;
    private final Ledger ledger;

    PublishedDeliveries(KafkaServers kafkaServers, Topic<String, MailDelivery> topic, Ledger ledger) {
        this.kafkaServers = kafkaServers;
        this.topic = topic;
        this.ledger = ledger;
    }

    void learn() {
        Map<String, MailDelivery> newest = new HashMap<>();
        CommittedTopic.existing(kafkaServers, topic.name()).read(record -> {
            MailDelivery delivery = topic.readable(record.value());
            if (delivery != null) {
                newest.put(delivery.getId(), delivery);
            }
        });
        int learnt = ledger.learn(List.copyOf(newest.values()));
        LOG.info("the ledger of mails learnt from topic {} what became of {} mails", topic.name(), learnt);
    }
}
