package io.millrace.views.analysis;

import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.postgres.ValueType;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.schema.impl.AbstractTable;

/** A captured table, with those of its columns that a query may want. */
public final class RelationTable extends AbstractTable {
    private final RelationSchema relation;
    private final List<Column> columns;

    RelationTable(RelationSchema relation, List<Column> columns) {
        this.relation = relation;
        this.columns = columns;
    }

    public RelationSchema relation() {
        return relation;
    }

    /** In the order of the row type's fields. */
    public List<Column> columns() {
        return columns;
    }

    @Override
    public RelDataType getRowType(RelDataTypeFactory factory) {
        RelDataTypeFactory.Builder fields = factory.builder();
        for (Column column : columns) {
            fields.add(
                    column.name(),
                    new RelType(isInterval(column) ? ValueType.TEXT : ValueType.of(column.type()), column.nullable()));
        }
        return fields.build();
    }

    static boolean isInterval(Column column) {
        return ValueType.of(column.type()).equals(ValueType.INTERVAL);
    }
}
