package io.millrace.views.planner;

import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.schema.impl.AbstractTable;

/** A captured table, with those of its columns whose types views can handle. */
final class RelationTable extends AbstractTable {
    private final RelationSchema relation;

    RelationTable(RelationSchema relation) {
        this.relation = relation;
    }

    RelationSchema relation() {
        return relation;
    }

    /** In the order of the row type's fields. */
    List<Column> columns(RelDataTypeFactory factory) {
        List<Column> columns = new ArrayList<>();
        for (Column column : relation.columns()) {
            if (SqlTypes.of(factory, column.type()) != null) {
                columns.add(column);
            }
        }
        return columns;
    }

    @Override
    public RelDataType getRowType(RelDataTypeFactory factory) {
        RelDataTypeFactory.Builder fields = factory.builder();
        for (Column column : columns(factory)) {
            RelDataType type = java.util.Objects.requireNonNull(SqlTypes.of(factory, column.type()));
            fields.add(column.name(), factory.createTypeWithNullability(type, column.nullable()));
        }
        return fields.build();
    }
}
