package io.millrace.views.analysis;

import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.expression.Casts;
import io.millrace.views.expression.Implementation;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Query;
import io.millrace.views.sql.Refused;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;

/** The captured tables, by name. */
final class Tables {
    private static final Implementation INTERVAL = Objects.requireNonNull(Casts.of(ValueType.TEXT, ValueType.INTERVAL));

    private final Rex rex;
    private final Collection<RelationSchema> relations;

    Tables(Collection<RelationSchema> relations, Rex rex) {
        this.rex = rex;
        this.relations = relations;
    }

    Relation scan(Query.From.Table table, RelOptCluster cluster) {
        RelationSchema relation = find(table);
        List<Column> columns = relation.columns();
        CapturedScan scan = CapturedScan.of(relation, columns, cluster);
        String alias = table.alias();
        List<String> omitted = relation.omitted();
        if (!omitted.isEmpty() && !table.columns().isEmpty()) {
            throw Refused.unsupported(
                    table.at(),
                    "a list of names for the columns of " + table.name() + ", of which " + String.join(", ", omitted)
                            + (omitted.size() > 1 ? " are" : " is") + " not captured,",
                    "select the columns by their own names");
        }
        List<String> names = Sources.renamed(columns.stream().map(Column::name).toList(), table.columns(), table.at());
        List<Relation.Field> fields = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            fields.add(new Relation.Field(names.get(i), value(columns.get(i), RexInputRef.of(i, scan.getRowType()))));
        }
        omitted.forEach(name -> fields.add(new Relation.Field(name, null)));
        return Relation.of(
                scan,
                alias == null ? relation.name().table() : alias,
                alias == null ? relation.name().schema() : null,
                fields);
    }

    /** An interval travels as text. */
    private RexNode value(Column column, RexNode reference) {
        return RelationTable.isInterval(column)
                ? rex.call("::interval", INTERVAL, ValueType.INTERVAL, List.of(reference))
                : reference;
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
