package io.millrace.views.analysis;

import io.millrace.views.sql.Position;
import io.millrace.views.sql.Refused;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.jspecify.annotations.Nullable;

/**
 * What a query selects from.
 *
 * @param tables by which columns can be qualified
 * @param visible the columns by their names alone, as {@code *} gives them: of USING one, of both sides
 */
record Relation(RelNode rel, List<Table> tables, List<Field> visible) {

    /**
     * A column, as an expression over the relation's rows.
     *
     * @param captured null for a column of the source's table that is not captured
     */
    record Field(String name, @Nullable RexNode captured) {

        /** @throws Refused if it is not captured */
        RexNode node(Position at) {
            if (captured == null) {
                throw new Refused(
                        at,
                        "column " + name + " is not captured",
                        "name the columns that are meant instead of *; the source's file says which columns are captured,"
                                + " and of a generated column, write the expression");
            }
            return captured;
        }

        /** Captured, and made to fit into another relation. */
        private Field moved(RexShuttle mover) {
            return new Field(name, captured == null ? null : captured.accept(mover));
        }
    }

    /** @param schema null for a query, and for a table with an alias */
    record Table(String name, @Nullable String schema, List<Field> fields) {}

    /** Of a query. */
    static Relation of(RelNode rel, String name, List<String> columns) {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            fields.add(new Field(columns.get(i), RexInputRef.of(i, rel.getRowType())));
        }
        return of(rel, name, null, fields);
    }

    static Relation of(RelNode rel, String name, @Nullable String schema, List<Field> fields) {
        return new Relation(rel, List.of(new Table(name, schema, fields)), fields);
    }

    /** The same columns in the rows of a join, in which others may stand before them, or they may be missing. */
    Relation in(RelNode join, int shift) {
        RexShuttle mover = new RexShuttle() {
            @Override
            public RexNode visitInputRef(RexInputRef reference) {
                return RexInputRef.of(reference.getIndex() + shift, join.getRowType());
            }

            @Override
            public RexNode visitCall(RexCall call) {
                RexNode moved = super.visitCall(call);
                boolean nullable = moved instanceof RexCall of && Rex.anyNullable(of.getOperands());
                return moved instanceof RexCall of && nullable && !of.getType().isNullable()
                        ? of.clone(new RelType(Rex.type(of), true), of.getOperands())
                        : moved;
            }
        };
        return new Relation(
                join,
                tables.stream()
                        .map(table -> new Table(table.name, table.schema, moved(table.fields, mover)))
                        .toList(),
                moved(visible, mover));
    }

    private static List<Field> moved(List<Field> fields, RexShuttle mover) {
        return fields.stream().map(field -> field.moved(mover)).toList();
    }

    List<Field> named(String name) {
        return visible.stream().filter(field -> field.name.equals(name)).toList();
    }

    int width() {
        return rel.getRowType().getFieldCount();
    }
}
