package io.millrace.views.planner;

import java.util.Locale;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlWith;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlBasicVisitor;
import org.jspecify.annotations.Nullable;

/** Where in the query something is that was only seen in its plan, which knows no lines: the most likely place. */
final class Places {
    /** What was wrong. */
    enum Of {
        /** Anything: the whole file. */
        UNKNOWN,
        /** A join, or a subquery of EXISTS or IN, that does not equate the lane column. */
        JOIN,
        /** A group without the lane column. */
        GROUP,
        /** What the view selects. */
        SELECT
    }

    private final String laneColumn;

    Places(String laneColumn) {
        this.laneColumn = laneColumn;
    }

    SqlParserPos find(Unsupported wrong, SqlNode query) {
        Of what = wrong.place();
        return switch (what) {
            case UNKNOWN -> first(query, node -> isNamed(node, String.valueOf(wrong.getMessage())));
            case SELECT -> outermost(query).getParserPosition();
            case JOIN, GROUP -> first(query, node -> what == Of.JOIN ? joinsLanes(node) : groupsLanes(node));
        };
    }

    /** Whether the message begins with the name of what is called here. */
    private static boolean isNamed(SqlNode node, String message) {
        String name =
                node instanceof SqlCall call ? call.getOperator().getName().toLowerCase(Locale.ROOT) : "";
        String text = message.toLowerCase(Locale.ROOT).replaceFirst("^(function|aggregate) ", "");
        boolean letters = !name.isEmpty() && Character.isLetter(name.charAt(0));
        return letters && text.startsWith(name) && !Character.isLetter(text.charAt(name.length()));
    }

    private static SqlNode outermost(SqlNode query) {
        return switch (query) {
            case SqlWith with -> outermost(with.body);
            case SqlSelect select -> select.getSelectList();
            case SqlBasicCall call -> call.getKind() == SqlKind.UNION ? outermost(call.operand(0)) : call;
            default -> query;
        };
    }

    private interface Test {
        boolean test(SqlNode node);
    }

    private static SqlParserPos first(SqlNode query, Test test) {
        SqlParserPos[] found = {SqlParserPos.ZERO};
        query.accept(new SqlBasicVisitor<@Nullable Void>() {
            @Override
            public @Nullable Void visit(SqlCall call) {
                if (found[0].equals(SqlParserPos.ZERO) && test.test(call)) {
                    found[0] = call.getParserPosition();
                }
                return super.visit(call);
            }
        });
        return found[0];
    }

    private boolean joinsLanes(SqlNode node) {
        return switch (node) {
            case SqlJoin join -> join.getCondition() == null || !mentionsLane(join.getCondition());
            case SqlBasicCall call -> (call.getKind() == SqlKind.EXISTS || asksForOneOf(call)) && !mentionsLane(call);
            default -> false;
        };
    }

    private static boolean asksForOneOf(SqlBasicCall call) {
        return (call.getKind() == SqlKind.IN || call.getKind() == SqlKind.NOT_IN)
                && call.operand(1) instanceof SqlSelect;
    }

    private boolean groupsLanes(SqlNode node) {
        if (!(node instanceof SqlSelect select)) {
            return false;
        }
        SqlNode groups = select.getGroup();
        boolean grouped = groups != null && !select.getGroup().isEmpty();
        return (grouped || select.isDistinct() || aggregates(select)) && !(grouped && mentionsLane(groups));
    }

    private static boolean aggregates(SqlSelect select) {
        boolean[] found = {false};
        select.getSelectList().accept(new SqlBasicVisitor<@Nullable Void>() {
            @Override
            public @Nullable Void visit(SqlCall call) {
                found[0] |= call.getOperator().isAggregator() || call.getKind() == SqlKind.COUNT;
                return super.visit(call);
            }
        });
        return found[0];
    }

    private boolean mentionsLane(SqlNode node) {
        boolean[] found = {false};
        node.accept(new SqlBasicVisitor<@Nullable Void>() {
            @Override
            public @Nullable Void visit(SqlIdentifier name) {
                found[0] |= name.names.getLast().equals(laneColumn);
                return null;
            }
        });
        return found[0];
    }
}
