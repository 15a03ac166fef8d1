package io.millrace.views.planner;

import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlWith;
import org.apache.calcite.sql.fun.SqlCase;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlBasicVisitor;
import org.jspecify.annotations.Nullable;

/** Finds, in the parsed query, what views do not support: here it still has a line and a column. */
final class Refusals extends SqlBasicVisitor<@Nullable Void> {
    /** A construct at its place. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient SqlParserPos position;
        private final String remedy;

        Refused(SqlParserPos position, String construct, String remedy) {
            super(construct + " is not supported in views", null, false, false);
            this.position = position;
            this.remedy = remedy;
        }

        Refused(SqlParserPos position, Unsupported what) {
            super(what.getMessage(), null, false, false);
            this.position = position;
            this.remedy = what.remedy();
        }

        SqlParserPos position() {
            return position;
        }

        String remedy() {
            return remedy;
        }
    }

    @Override
    public @Nullable Void visit(SqlCall call) {
        check(call);
        return super.visit(call);
    }

    private static void check(SqlCall call) {
        switch (call) {
            case SqlOrderBy order ->
                refuse(order, "ORDER BY, LIMIT or OFFSET", "leave it out: a table has no order, its readers do");
            case SqlSelect select -> check(select);
            case SqlJoin join -> check(join);
            case SqlWith with -> {
                // A name for a subquery, which is fine.
            }
            case SqlCase choice -> refuseSubQueryIn(choice);
            case SqlBasicCall basic -> check(basic);
            default -> {
                // Seen by its operands, and by the planner.
            }
        }
    }

    private static void check(SqlSelect select) {
        select.getSelectList().forEach(Refusals::refuseAsValue);
        if (select.getQualify() != null) {
            refuse(select, "QUALIFY", "leave it out");
        }
        if (!select.getWindowList().isEmpty()) {
            refuse(select, "WINDOW", "leave it out");
        }
    }

    private static void check(SqlJoin join) {
        if (join.isNatural()) {
            refuse(join, "NATURAL JOIN", "name the columns: JOIN … ON …");
        }
        switch (join.getJoinType()) {
            case INNER, LEFT, COMMA, CROSS -> {
                // Supported.
            }
            default -> refuse(join, join.getJoinType() + " JOIN", "write it as LEFT JOIN from the other side");
        }
    }

    private static void check(SqlBasicCall call) {
        switch (call.getKind()) {
            case OVER -> refuse(call, "a window function", "use GROUP BY");
            case INTERSECT -> refuse(call, "INTERSECT", "use EXISTS");
            case EXCEPT -> refuse(call, "EXCEPT", "use NOT EXISTS");
            case OR -> refuseSubQueryIn(call);
            case EXISTS, IN, NOT_IN, UNION, AS -> {
                // Takes a query as it is.
            }
            case ROLLUP, CUBE, GROUPING_SETS -> refuse(call, call.getKind().toString(), "group by columns");
            default -> call.getOperandList().forEach(Refusals::refuseAsValue);
        }
    }

    private static void refuseAsValue(@Nullable SqlNode operand) {
        SqlNode value =
                operand instanceof SqlBasicCall named && named.getKind() == SqlKind.AS ? named.operand(0) : operand;
        if (value instanceof SqlSelect) {
            refuse(value, "a subquery as a value", "use a LEFT JOIN with a grouped subquery");
        }
    }

    private static void refuseSubQueryIn(SqlCall expression) {
        expression.accept(new SqlBasicVisitor<@Nullable Void>() {
            @Override
            public @Nullable Void visit(SqlCall call) {
                if (call.getKind() == SqlKind.EXISTS
                        || call.getKind() == SqlKind.IN && call.operand(1) instanceof SqlSelect
                        || call.getKind() == SqlKind.NOT_IN && call.operand(1) instanceof SqlSelect) {
                    throw new Refused(call.getParserPosition(), SubQueries.subQueryInExpression());
                }
                return super.visit(call);
            }
        });
    }

    @Override
    public @Nullable Void visit(SqlIdentifier name) {
        if (name.isSimple()
                && (name.getSimple().equalsIgnoreCase("current_date")
                        || name.getSimple().equalsIgnoreCase("current_timestamp")
                        || name.getSimple().equalsIgnoreCase("localtimestamp"))) {
            refuse(
                    name,
                    name.getSimple(),
                    "join the relation clock, which has one row with today: … JOIN clock ON due_date < clock.today");
        }
        return null;
    }

    private static void refuse(SqlNode node, String construct, String remedy) {
        throw new Refused(node.getParserPosition(), construct, remedy);
    }
}
