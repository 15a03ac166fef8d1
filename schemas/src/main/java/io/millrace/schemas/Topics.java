package io.millrace.schemas;

import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterAction;
import io.millrace.schemas.avro.Enrichment;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.GatewayEvent;
import io.millrace.schemas.avro.HubEvent;
import io.millrace.schemas.avro.MailDelivery;
import io.millrace.schemas.avro.Metric;
import io.millrace.schemas.avro.Position;
import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.registry.ContractSerde;
import io.millrace.schemas.registry.SchemaRegistry;
import java.util.regex.Pattern;
import org.apache.kafka.common.serialization.Serdes;

/** Every topic of the hub. Row and view topics carry bytes that the row codec made; the others carry contracts. */
public final class Topics {
    private static final Pattern ILLEGAL = Pattern.compile("[^A-Za-z0-9._-]");

    private final SchemaRegistry registry;

    public Topics(SchemaRegistry registry) {
        this.registry = registry;
    }

    /** The ordered feed of a source: its transactions by lane. */
    public Topic<byte[], Epoch> transactions(SourceName source) {
        return new Topic<>(
                "cdc." + source + ".transactions",
                Serdes.ByteArray(),
                new ContractSerde<>(registry, Epoch.class),
                Topic.Retention.WEEK);
    }

    /** Up to where a source is published; one partition, key = source. */
    public Topic<String, Position> position(SourceName source) {
        return new Topic<>(
                "cdc." + source + ".position",
                Serdes.String(),
                new ContractSerde<>(registry, Position.class),
                Topic.Retention.COMPACTED);
    }

    /** A table's rows: key = primary key, value = the row's newest state, partition = lane. */
    public Topic<byte[], byte[]> rows(SourceName source, TableName table) {
        return new Topic<>(rowsName(source, table), Serdes.ByteArray(), Serdes.ByteArray(), Topic.Retention.COMPACTED);
    }

    /** Name of a table's row topic; characters that Kafka does not allow become '_'. */
    public static String rowsName(SourceName source, TableName table) {
        return ILLEGAL.matcher("cdc." + source + "." + table).replaceAll("_");
    }

    /** The net changes of all views, batch by batch; partition = lane. */
    public Topic<byte[], ViewBatch> viewUpdates() {
        return new Topic<>(
                "views.updates",
                Serdes.ByteArray(),
                new ContractSerde<>(registry, ViewBatch.class),
                Topic.Retention.WEEK);
    }

    /** What each view is; one partition, key = view. */
    public Topic<String, ViewDefinition> viewDefinitions() {
        return new Topic<>(
                "views.definitions",
                Serdes.String(),
                new ContractSerde<>(registry, ViewDefinition.class),
                Topic.Retention.COMPACTED);
    }

    /** A view's rows: key = its unique key, value = the row's newest state, partition = lane. */
    public Topic<byte[], byte[]> view(ViewName view) {
        return new Topic<>(viewName(view), Serdes.ByteArray(), Serdes.ByteArray(), Topic.Retention.COMPACTED);
    }

    public static String viewName(ViewName view) {
        return "views." + view;
    }

    /** What could not be processed, with its reason; key = the dead letter's id, partition = lane. */
    public Topic<String, DeadLetter> deadLetters() {
        return new Topic<>(
                "hub.dead-letters",
                Serdes.String(),
                new ContractSerde<>(registry, DeadLetter.class),
                Topic.Retention.COMPACTED);
    }

    /** What people decide about dead letters; key = the letter's id, partition = its lane. */
    public Topic<String, DeadLetterAction> deadLetterActions() {
        return new Topic<>(
                "hub.dead-letter-actions",
                Serdes.String(),
                new ContractSerde<>(registry, DeadLetterAction.class),
                Topic.Retention.WEEK);
    }

    /** What controls find, transaction by transaction; key = the violation's id, partition = lane. */
    public Topic<String, Violation> violations() {
        return new Topic<>(
                "governance.violations",
                Serdes.String(),
                new ContractSerde<>(registry, Violation.class),
                Topic.Retention.COMPACTED);
    }

    /** Alerts as they are; key = id, partition = lane. */
    public Topic<String, Alert> alerts() {
        return new Topic<>(
                "governance.alerts",
                Serdes.String(),
                new ContractSerde<>(registry, Alert.class),
                Topic.Retention.COMPACTED);
    }

    /** What people decide about alerts; key = the alert's id, partition = the alert's lane. */
    public Topic<String, AlertAction> alertActions() {
        return new Topic<>(
                "governance.actions",
                Serdes.String(),
                new ContractSerde<>(registry, AlertAction.class),
                Topic.Retention.WEEK);
    }

    /** What hubs run with; key = instance and kind, partition 0. */
    public Topic<String, HubEvent> hubEvents() {
        return new Topic<>(
                "governance.hub-events",
                Serdes.String(),
                new ContractSerde<>(registry, HubEvent.class),
                Topic.Retention.COMPACTED);
    }

    /** What happened at the gateway's door; key = the event's id, partition 0. */
    public Topic<String, GatewayEvent> gatewayEvents() {
        return new Topic<>(
                "governance.gateway-events",
                Serdes.String(),
                new ContractSerde<>(registry, GatewayEvent.class),
                Topic.Retention.WEEK);
    }

    /** Mails and how far they are; key = the delivery's id. */
    public Topic<String, MailDelivery> deliveries() {
        return new Topic<>(
                "notifications.deliveries",
                Serdes.String(),
                new ContractSerde<>(registry, MailDelivery.class),
                Topic.Retention.COMPACTED);
    }

    /** What flowed, by windows of ten seconds; partition = lane. */
    public Topic<byte[], Metric> metrics() {
        return new Topic<>(
                "ops.metrics", Serdes.ByteArray(), new ContractSerde<>(registry, Metric.class), Topic.Retention.WEEK);
    }

    /** What an LLM said about alerts; key = recipe and subject. */
    public Topic<String, Enrichment> enrichments() {
        return new Topic<>(
                "enrichment.results",
                Serdes.String(),
                new ContractSerde<>(registry, Enrichment.class),
                Topic.Retention.COMPACTED);
    }

    /** The audit chain; partition = lane. */
    public Topic<byte[], AuditRecord> audit() {
        return new Topic<>(
                "governance.audit",
                Serdes.ByteArray(),
                new ContractSerde<>(registry, AuditRecord.class),
                Topic.Retention.FOREVER);
    }
}
