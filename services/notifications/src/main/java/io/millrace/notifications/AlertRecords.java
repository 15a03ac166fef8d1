package io.millrace.notifications;

import io.millrace.ledger.LedgerListener;
import io.millrace.platform.trace.Trace;
import io.millrace.schemas.Topic;
import io.millrace.schemas.avro.Alert;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;

/** Reads alerts from records; writing their mails down is part of their trace. */
final class AlertRecords implements LedgerListener.Intake {
    private final String topic;
    private final Deserializer<Alert> reader;
    private final Intake intake;
    private final PublishedDeliveries published;

    AlertRecords(Topic<String, Alert> alerts, Intake intake, PublishedDeliveries published) {
        this.published = published;
        this.topic = alerts.name();
        this.reader = alerts.values().deserializer();
        this.intake = intake;
    }

    @Override
    public void take(ConsumerRecord<byte[], byte[]> record) {
        Alert alert = reader.deserialize(topic, record.value());
        if (alert != null) {
            Span span = Trace.next("mail.write", record.headers());
            try (Scope scope = span.makeCurrent()) {
                intake.take(alert);
            } finally {
                span.end();
            }
        }
    }

    @Override
    public void ledgerIsOlder() {
        published.learn();
    }
}
