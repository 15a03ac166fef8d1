package io.millrace.views.topology;

import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.ViewDefinition;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Deserializer;

/** What topic {@code views.definitions} says of a source. */
final class ViewDefinitions {
    private ViewDefinitions() {}

    /** Views of the source that are defined there and are not in the catalog. */
    static List<String> removed(ViewsTopology.Config config) {
        Topic<String, ViewDefinition> topic = new Topics(config.registry()).viewDefinitions();
        Deserializer<ViewDefinition> values = topic.values().deserializer();
        List<String> removed = new ArrayList<>();
        config.topics().newest(topic.name(), new Lane(0)).values().forEach(value -> {
            ViewDefinition definition = values.deserialize(topic.name(), value);
            boolean planned = config.views().stream()
                    .anyMatch(view -> view.name().toString().equals(definition.getView()));
            if (!planned && definition.getSource().equals(config.source().toString())) {
                removed.add(definition.getView());
            }
        });
        return removed;
    }
}
