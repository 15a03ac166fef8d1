package io.millrace.governance.alert;

import io.millrace.governance.catalog.Control;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.SchemaRegistry;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/** Violations and actions in, alerts out, lane by lane; pure. */
final class GovernanceTopology {
    static final String ALERTS = "alerts";
    private static final String PROCESSOR = "alert-life";

    private GovernanceTopology() {}

    static Topology build(List<Control> controls, SchemaRegistry registry) {
        Topics topics = new Topics(registry);
        AlertLife life = new AlertLife(controls.stream().collect(Collectors.toMap(Control::name, Function.identity())));
        Topology topology = new Topology();
        topology.addSource(
                "violations-and-actions",
                Serdes.ByteArray().deserializer(),
                Serdes.ByteArray().deserializer(),
                topics.violations().name(),
                topics.alertActions().name());
        topology.addProcessor(PROCESSOR, () -> new AlertProcessor(life, registry), "violations-and-actions");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(ALERTS), Serdes.String(), Serdes.ByteArray())
                        .withCachingDisabled(),
                PROCESSOR);
        topology.addSink(
                "out",
                topics.alerts().name(),
                Serdes.ByteArray().serializer(),
                (Serializer<AlertProcessor.InLane>) (topic, out) -> out.alert(),
                (topic, key, out, partitions) -> Optional.of(Set.of(out.lane())),
                PROCESSOR);
        return topology;
    }
}
