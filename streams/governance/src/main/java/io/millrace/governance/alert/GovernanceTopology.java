package io.millrace.governance.alert;

import io.millrace.governance.audit.AuditProcessor;
import io.millrace.governance.audit.PublishedState;
import io.millrace.governance.catalog.Control;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.streams.Outgoing;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/** Violations and actions in, alerts out; the feed, actions, hub events and gateway events in, the audit chain out; lane by lane; pure. */
final class GovernanceTopology {
    static final String ALERTS = "alerts";
    private static final String PROCESSOR = "alert-life";
    private static final String VIOLATIONS = "violations";
    private static final String ACTIONS = "actions";
    private static final String FEED = "feed";
    private static final String HUB_EVENTS = "hub-events";
    private static final String LETTERS = "dead-letter-actions";
    private static final String GATEWAY_EVENTS = "gateway-events";
    private static final String AUDIT = "audit-chain";

    private GovernanceTopology() {}

    static Topology build(
            SourceName source, List<Control> controls, SchemaRegistry registry, PublishedState published) {
        Topics topics = new Topics(registry);
        AlertLife life = new AlertLife(controls.stream().collect(Collectors.toMap(Control::name, Function.identity())));
        Topology topology = new Topology();
        source(topology, VIOLATIONS, topics.violations().name());
        source(topology, ACTIONS, topics.alertActions().name());
        source(topology, HUB_EVENTS, topics.hubEvents().name());
        source(topology, LETTERS, topics.deadLetterActions().name());
        source(topology, GATEWAY_EVENTS, topics.gatewayEvents().name());
        source(topology, FEED, topics.transactions(source).name());
        topology.addProcessor(PROCESSOR, () -> new AlertProcessor(life, registry, published), VIOLATIONS, ACTIONS);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(ALERTS), Serdes.String(), Serdes.ByteArray())
                        .withCachingDisabled(),
                PROCESSOR);
        Outgoing.addSink(topology, "out", PROCESSOR);
        topology.addProcessor(
                AUDIT,
                () -> new AuditProcessor(source, registry, published),
                FEED,
                ACTIONS,
                HUB_EVENTS,
                LETTERS,
                GATEWAY_EVENTS);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(AuditProcessor.STORE), Serdes.String(), Serdes.String())
                        .withCachingDisabled(),
                AUDIT);
        Outgoing.addSink(topology, "audit-out", AUDIT);
        return topology;
    }

    private static void source(Topology topology, String name, String topic) {
        topology.addSource(
                name, Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), topic);
    }
}
