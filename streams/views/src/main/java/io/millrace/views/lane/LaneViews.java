package io.millrace.views.lane;

import io.millrace.schemas.SourceName;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.avro.ViewColumn;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.views.plan.ViewPlan;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The views of a source, as every lane maintains them.
 *
 * @param plans of all views, controls too
 * @param controls names of those of the views that are controls
 * @param versions by view, the version of which its published rows are to be; it may change at any time
 */
public record LaneViews(
        SourceName source,
        List<ViewPlan> plans,
        Set<ViewName> controls,
        SchemaRegistry registry,
        Supplier<Map<ViewName, Long>> versions) {
    public LaneViews {
        plans = List.copyOf(plans);
        controls = Set.copyOf(controls);
    }

    List<ViewPlan> controlPlans() {
        return plans.stream().filter(view -> controls.contains(view.name())).toList();
    }

    boolean isControl(ViewName view) {
        return controls.contains(view);
    }

    boolean has(ViewName view) {
        return plans.stream().anyMatch(plan -> plan.name().equals(view));
    }

    /** What a view is, for those who read its rows. */
    public static ViewDefinition definition(SourceName source, ViewPlan view, long version) {
        return new ViewDefinition(
                view.name().toString(),
                view.generation(),
                view.sql(),
                view.description(),
                view.columns().stream()
                        .map(column -> new ViewColumn(
                                column.name(), column.type().name(), column.nullable(), column.description()))
                        .toList(),
                view.key().stream()
                        .map(index -> view.columns().get(index).name())
                        .toList(),
                source.toString(),
                version);
    }
}
