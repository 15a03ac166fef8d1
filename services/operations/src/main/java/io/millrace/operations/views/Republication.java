package io.millrace.operations.views;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.DefinedViews;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.registry.SchemaRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Has the hub publish all rows of views again. */
public final class Republication {
    private final DefinedViews definitions;

    public Republication(KafkaServers kafkaServers, SchemaRegistry registry) {
        this.definitions = new DefinedViews(kafkaServers, registry);
    }

    /** Asks for all views and controls; returns their names. */
    public List<String> ofAll() {
        return ask(defined -> defined);
    }

    /**
     * Asks for these; returns their names.
     *
     * @throws MillraceException if one is not defined
     */
    public List<String> of(Collection<String> views) {
        return ask(defined -> {
            List<String> unknown =
                    views.stream().filter(view -> !defined.contains(view)).toList();
            if (!unknown.isEmpty()) {
                throw new MillraceException(
                        Category.USER,
                        "there is no view " + String.join(", ", unknown),
                        "name some of " + String.join(", ", defined));
            }
            return new TreeSet<>(views);
        });
    }

    private List<String> ask(UnaryOperator<Set<String>> choice) {
        List<String> asked = new ArrayList<>();
        definitions.change(defined -> {
            asked.clear();
            asked.addAll(choice.apply(new TreeSet<>(defined.keySet())));
            Map<String, @Nullable ViewDefinition> changes = new HashMap<>();
            asked.forEach(view -> changes.put(view, DefinedViews.again(Objects.requireNonNull(defined.get(view)))));
            return changes;
        });
        return asked;
    }
}
