package io.millrace.views.planner;

import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.analysis.RelationTable;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.metadata.RelColumnOrigin;
import org.jspecify.annotations.Nullable;

/** Says of a query's columns where they come from, for those that nobody described. */
final class Lineage {
    private final RelNode query;

    Lineage(RelNode query) {
        this.query = query;
    }

    /** What the source says of the column, or which columns it is made of. */
    String describe(int column) {
        Set<RelColumnOrigin> origins = origins(column);
        if (origins == null || origins.isEmpty()) {
            return "computed";
        }
        RelColumnOrigin first = origins.iterator().next();
        if (origins.size() == 1 && !first.isDerived()) {
            String description = column(first).description();
            return description.isEmpty() ? name(first) : description;
        }
        Set<String> names = new TreeSet<>();
        origins.forEach(origin -> names.add(name(origin)));
        return (origins.stream().anyMatch(RelColumnOrigin::isDerived) ? "computed from " : "")
                + String.join(", ", names);
    }

    /** Null where Calcite does not know. */
    private @Nullable Set<RelColumnOrigin> origins(int column) {
        return query.getCluster().getMetadataQuery().getColumnOrigins(query, column);
    }

    private static String name(RelColumnOrigin origin) {
        RelationSchema relation = table(origin).relation();
        return relation.name().table() + "." + column(origin).name();
    }

    private static Column column(RelColumnOrigin origin) {
        return table(origin).columns().get(origin.getOriginColumnOrdinal());
    }

    private static RelationTable table(RelColumnOrigin origin) {
        return Objects.requireNonNull(origin.getOriginTable().unwrap(RelationTable.class));
    }
}
