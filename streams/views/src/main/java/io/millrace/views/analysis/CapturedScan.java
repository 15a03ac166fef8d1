package io.millrace.views.analysis;

import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.calcite.linq4j.tree.Expressions;
import org.apache.calcite.plan.Convention;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.RelOptTable;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.prepare.RelOptTableImpl;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.TableScan;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.tools.RelBuilder;
import org.apache.calcite.util.ImmutableBitSet;

/** Reads a captured table: of its columns those that the view wants, and those by which a row and its lane are told. */
final class CapturedScan extends TableScan {
    private CapturedScan(RelOptCluster cluster, RelTraitSet traits, RelOptTable table) {
        super(cluster, traits, List.of(), table);
    }

    static CapturedScan of(RelationSchema relation, List<Column> columns, RelOptCluster cluster) {
        RelationTable scanned = new RelationTable(relation, columns);
        RelOptTable table = RelOptTableImpl.create(
                null,
                scanned.getRowType(cluster.getTypeFactory()),
                List.of(relation.name().schema(), relation.name().table()),
                scanned,
                // For Calcite's own way to read tables, which is not ours.
                kind -> Expressions.constant(0));
        return new CapturedScan(cluster, cluster.traitSetOf(Convention.NONE), table);
    }

    @Override
    public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
        return this;
    }

    @Override
    public RelNode project(ImmutableBitSet used, Set<RelDataTypeField> extra, RelBuilder builder) {
        RelationTable all = Objects.requireNonNull(table.unwrap(RelationTable.class));
        RelationSchema relation = all.relation();
        List<Column> columns = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < all.columns().size(); i++) {
            Column column = all.columns().get(i);
            if (used.get(i)) {
                positions.add(columns.size());
            }
            if (used.get(i)
                    || relation.key().contains(column.name())
                    || column.name().equals(relation.laneColumn())) {
                columns.add(column);
            }
        }
        builder.push(of(relation, columns, getCluster()));
        return builder.project(builder.fields(positions)).build();
    }
}
