package io.millrace.schemas;

import static io.millrace.schemas.Topic.Retention.COMPACTED;
import static io.millrace.schemas.Topic.Retention.FOREVER;
import static io.millrace.schemas.Topic.Retention.WEEK;
import static io.millrace.schemas.TopicContract.Audience.EVERYBODY;
import static io.millrace.schemas.TopicContract.Audience.THE_HUB;

import io.millrace.schemas.TopicContract.HeaderContract;
import io.millrace.schemas.TopicContract.Partitions;
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
import java.util.List;
import java.util.Optional;

/** The contracts of all topics that the hub writes, except those of Kafka Streams' own, whose names begin with {@code millrace-}. */
public final class TopicContracts {
    private static final List<HeaderContract> TRACED = List.of(new HeaderContract(
            "traceparent",
            false,
            "The source transaction's trace, as W3C Trace Context writes it; where traces are on."));

    public static final List<TopicContract> ALL = List.of(
            new TopicContract(
                    "cdc.<source>.<schema>.<table>",
                    EVERYBODY,
                    "The newest state of a row of a captured table.",
                    TopicContract.Key.AVRO,
                    "the primary key's columns",
                    null,
                    Partitions.LANES,
                    COMPACTED,
                    "the row was deleted",
                    "the order of the source's commits",
                    List.of(
                            new HeaderContract(
                                    "millrace.op",
                                    true,
                                    "READ (a snapshot), INSERT, UPDATE, DELETE, or TRUNCATE for each row that one removed. A changed primary key is a DELETE and an INSERT."),
                            new HeaderContract("millrace.xid", true, "The source transaction's id; 0 for a snapshot."),
                            new HeaderContract(
                                    "millrace.lsn",
                                    false,
                                    "Position of its commit in the source's log, such as 0/24CF408. The first rows of a transaction of more than 4 MiB lack it."),
                            new HeaderContract(
                                    "millrace.committed_at",
                                    false,
                                    "Its commit time, ISO 8601, UTC. Absent where millrace.lsn is."),
                            new HeaderContract("millrace.actor", false, "Who did it, where known."),
                            TRACED.getFirst())),
            new TopicContract(
                    "cdc.<source>.transactions",
                    EVERYBODY,
                    "Whole source transactions in commit order: the feed.",
                    TopicContract.Key.NONE,
                    "",
                    Epoch.getClassSchema(),
                    Partitions.LANES,
                    WEEK,
                    "",
                    "the order of epochs, which every lane has the same numbers of; parts of an epoch follow on each other",
                    TRACED),
            new TopicContract(
                    "cdc.<source>.position",
                    EVERYBODY,
                    "Up to which position of its log a source is in Kafka.",
                    TopicContract.Key.TEXT,
                    "the source's name",
                    Position.getClassSchema(),
                    Partitions.ONE,
                    COMPACTED,
                    "",
                    "the order of epochs",
                    List.of()),
            new TopicContract(
                    "views.<view>",
                    EVERYBODY,
                    "The newest state of a row of a view.",
                    TopicContract.Key.AVRO,
                    "the columns of the view's unique key",
                    null,
                    Partitions.LANES,
                    COMPACTED,
                    "the row is not in the view any more",
                    "the order of the source's commits; the net change of an epoch is one record",
                    TRACED),
            new TopicContract(
                    "views.updates",
                    EVERYBODY,
                    "The net changes of all views by whole source transactions.",
                    TopicContract.Key.NONE,
                    "",
                    ViewBatch.getClassSchema(),
                    Partitions.LANES,
                    WEEK,
                    "",
                    "the order of epochs; each batch names the epoch of the one before it",
                    TRACED),
            new TopicContract(
                    "views.definitions",
                    EVERYBODY,
                    "What a view is: its SQL, columns and key.",
                    TopicContract.Key.TEXT,
                    "the view's name",
                    ViewDefinition.getClassSchema(),
                    Partitions.ONE,
                    COMPACTED,
                    "the view was removed",
                    "the order in which views were defined",
                    List.of()),
            new TopicContract(
                    "governance.violations",
                    EVERYBODY,
                    "A row of a control that came, changed or went.",
                    TopicContract.Key.TEXT,
                    "the violation's id",
                    Violation.getClassSchema(),
                    Partitions.LANES,
                    COMPACTED,
                    "the violation went: it follows the record that says so",
                    "the order of the source's commits",
                    TRACED),
            new TopicContract(
                    "governance.alerts",
                    EVERYBODY,
                    "An alert as it is: what was found, and what people decided about it.",
                    TopicContract.Key.TEXT,
                    "the alert's id",
                    Alert.getClassSchema(),
                    Partitions.LANES,
                    COMPACTED,
                    "",
                    "the order of an alert's versions",
                    TRACED),
            new TopicContract(
                    "governance.audit",
                    EVERYBODY,
                    "The audit trail: a link of a lane's chain of hashes.",
                    TopicContract.Key.NONE,
                    "",
                    AuditRecord.getClassSchema(),
                    Partitions.LANES,
                    FOREVER,
                    "",
                    "the order of the chain",
                    List.of()),
            new TopicContract(
                    "notifications.deliveries",
                    EVERYBODY,
                    "A mail, and how far it is.",
                    TopicContract.Key.TEXT,
                    "the delivery's id",
                    MailDelivery.getClassSchema(),
                    Partitions.BY_KEY,
                    COMPACTED,
                    "",
                    "the order of a delivery's versions",
                    List.of()),
            new TopicContract(
                    "enrichment.results",
                    EVERYBODY,
                    "What an LLM said about an alert or a row, or why it did not.",
                    TopicContract.Key.TEXT,
                    "the recipe, a space, the subject",
                    Enrichment.getClassSchema(),
                    Partitions.BY_KEY,
                    COMPACTED,
                    "",
                    "the order of a result's versions",
                    List.of()),
            new TopicContract(
                    "ops.metrics",
                    EVERYBODY,
                    "A figure of a window of ten seconds.",
                    TopicContract.Key.TEXT,
                    "the figure's name and labels",
                    Metric.getClassSchema(),
                    Partitions.LANES,
                    WEEK,
                    "",
                    "none: what came late to a window is another record, and records of a window add up",
                    List.of()),
            new TopicContract(
                    "hub.dead-letters",
                    EVERYBODY,
                    "What could not be processed, with its reason and remedy.",
                    TopicContract.Key.TEXT,
                    "the dead letter's id",
                    DeadLetter.getClassSchema(),
                    Partitions.LANES,
                    COMPACTED,
                    "",
                    "the order of a letter's states",
                    List.of()),
            new TopicContract(
                    "governance.actions",
                    THE_HUB,
                    "What a person decided about an alert.",
                    TopicContract.Key.TEXT,
                    "the alert's id",
                    AlertAction.getClassSchema(),
                    Partitions.LANES,
                    WEEK,
                    "",
                    "the order of decisions",
                    List.of()),
            new TopicContract(
                    "governance.hub-events",
                    THE_HUB,
                    "What a hub runs with, told at each start.",
                    TopicContract.Key.TEXT,
                    "the hub's instance and the kind of event",
                    HubEvent.getClassSchema(),
                    Partitions.LANES,
                    COMPACTED,
                    "",
                    "the order of starts; all are in partition 0",
                    List.of()),
            new TopicContract(
                    "governance.gateway-events",
                    THE_HUB,
                    "What happened at the gateway's door; it may come twice, with the same id.",
                    TopicContract.Key.TEXT,
                    "the event's id",
                    GatewayEvent.getClassSchema(),
                    Partitions.LANES,
                    WEEK,
                    "",
                    "the order in which they were written down; all are in partition 0",
                    List.of()),
            new TopicContract(
                    "hub.dead-letter-actions",
                    THE_HUB,
                    "What a person decided about a dead letter.",
                    TopicContract.Key.TEXT,
                    "the dead letter's id",
                    DeadLetterAction.getClassSchema(),
                    Partitions.LANES,
                    WEEK,
                    "",
                    "the order of decisions",
                    List.of()));

    private TopicContracts() {}

    /** The contract of a topic; empty if it is none of the hub's. */
    public static Optional<TopicContract> of(String topic) {
        // Names without parameters first: "views.updates" is no view.
        return ALL.stream()
                .filter(contract -> contract.name().equals(topic))
                .findFirst()
                .or(() ->
                        ALL.stream().filter(contract -> contract.covers(topic)).findFirst());
    }
}
