package io.millrace.views.analysis;

import io.millrace.schemas.TableName;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.expression.Inputs;
import io.millrace.views.expression.RexCompiler;
import io.millrace.views.plan.Expression;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.QueryParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgram;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** An expression over columns a, b, c of given types, as views have it: its type, and its value for given ones. */
record Evaluated(ValueType type, Expression expression, List<PgType> types) {

    /** @throws io.millrace.views.sql.Refused if views don't have it */
    static Evaluated of(String expression, List<String> types) {
        List<Column> columns = new ArrayList<>(List.of(new Column("id", PgType.INT4, false)));
        List<PgType> of = types.stream().map(Evaluated::type).toList();
        for (int i = 0; i < types.size(); i++) {
            columns.add(new Column(String.valueOf((char) ('a' + i)), of.get(i), true));
        }
        RelationSchema relation = new RelationSchema(new TableName("public", "p"), columns, List.of("id"), null, false);
        RelOptCluster cluster =
                RelOptCluster.create(new HepPlanner(HepProgram.builder().build()), new RexBuilder(new RelTypes()));
        Queries.Output output =
                Queries.analyse(QueryParser.parse("SELECT " + expression + " AS r FROM p"), List.of(relation), cluster);
        RexNode node = ((Project) output.rel()).getProjects().getFirst();
        return new Evaluated(RelTypes.of(node.getType()), RexCompiler.compile(node), of);
    }

    private static PgType type(String name) {
        return PgType.parse(
                switch (name) {
                    case "timestamp" -> "timestamp without time zone";
                    case "timestamptz" -> "timestamp with time zone";
                    default -> name;
                });
    }

    /** @param texts as Postgres writes values; null for null */
    @Nullable Object value(List<@Nullable String> texts) {
        @Nullable Object[] row = new @Nullable Object[texts.size() + 1];
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            ValueType of = ValueType.of(types.get(i));
            row[i + 1] = text == null || of.equals(ValueType.INTERVAL)
                    ? text
                    : Inputs.read(Objects.requireNonNull(text), of);
        }
        return expression.evaluate(row);
    }
}
