package io.millrace.views.analysis;

import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Parts;
import io.millrace.views.sql.Query;
import io.millrace.views.sql.Refused;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.calcite.linq4j.tree.Expressions;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.prepare.RelOptTableImpl;
import org.apache.calcite.rel.logical.LogicalTableScan;

/** The captured tables, by name. */
final class Tables {
    private final Collection<RelationSchema> relations;
    private final Set<String> named;

    /** @param query of columns of types of their own, those are read that it names */
    Tables(Collection<RelationSchema> relations, Query query) {
        this.relations = relations;
        this.named = Parts.names(query);
    }

    Relation scan(Query.From.Table table, RelOptCluster cluster) {
        RelationSchema relation = find(table);
        List<Column> columns = relation.columns().stream()
                .filter(column -> ValueType.of(column.type()).isInViews() || named.contains(column.name()))
                .toList();
        RelationTable scanned = new RelationTable(relation, columns);
        LogicalTableScan scan = LogicalTableScan.create(
                cluster,
                RelOptTableImpl.create(
                        null,
                        scanned.getRowType(cluster.getTypeFactory()),
                        List.of(relation.name().schema(), relation.name().table()),
                        scanned,
                        // For Calcite's own way to read tables, which is not ours.
                        kind -> Expressions.constant(0)),
                List.of());
        String alias = table.alias();
        return Relation.of(
                scan,
                alias == null ? relation.name().table() : alias,
                alias == null ? relation.name().schema() : null,
                Queries.renamed(columns.stream().map(Column::name).toList(), table.columns(), table.at()));
    }

    private RelationSchema find(Query.From.Table table) {
        List<RelationSchema> found = relations.stream()
                .filter(relation -> relation.name().table().equals(table.name())
                        && (table.schema() == null
                                || table.schema().equals(relation.name().schema())))
                .toList();
        String shown = table.schema() == null ? table.name() : table.schema() + "." + table.name();
        if (found.isEmpty()) {
            Set<String> names = new TreeSet<>();
            relations.forEach(relation -> names.add(relation.name().table()));
            throw new Refused(
                    table.at(),
                    "there is no captured table '" + shown + "'",
                    "correct the name, or add the table to the source's configuration; captured are "
                            + String.join(", ", names));
        }
        if (found.size() > 1) {
            throw new Refused(
                    table.at(),
                    "there are several captured tables '" + shown + "'",
                    "name its schema: "
                            + String.join(
                                    " or ",
                                    found.stream()
                                            .map(one -> one.name().toString())
                                            .toList()));
        }
        return found.getFirst();
    }
}
