package io.millrace.views.planner;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.fun.SqlLibraryOperators;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParseException;
import org.apache.calcite.sql.parser.SqlParser;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;
import org.jspecify.annotations.Nullable;

/**
 * The parser takes {@code f(a, b ORDER BY c)} only of functions that it knows. So ours is parsed under the name of one that
 * Postgres does not have, padded to the same length, so that every position stays true.
 */
final class OrderedAggregates {
    private static final String OURS = "weighted_average_cost";
    private static final String KNOWN = "group_concat";
    private static final String PADDED = KNOWN + " ".repeat(OURS.length() - KNOWN.length());

    /** Quoted text and comments are passed over. */
    private static final Pattern NAMES = Pattern.compile(
            "'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\\*.*?\\*/|\\b(" + OURS + "|" + KNOWN + ")(?=\\s*\\()",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private OrderedAggregates() {}

    static SqlNode parse(String sql, SqlParser.Config config) throws SqlParseException {
        Matcher names = NAMES.matcher(sql);
        StringBuilder text = new StringBuilder();
        while (names.find()) {
            String name = names.group(1);
            if (name != null && name.toLowerCase(Locale.ROOT).equals(KNOWN)) {
                throw new Refusals.Refused(
                        position(sql, names.start()),
                        "function group_concat",
                        "see docs/sql.md for the aggregates of views");
            }
            names.appendReplacement(text, Matcher.quoteReplacement(name == null ? names.group() : PADDED));
        }
        names.appendTail(text);
        return java.util.Objects.requireNonNull(SqlParser.create(text.toString(), config)
                .parseQuery()
                .accept(new SqlShuttle() {
                    @Override
                    public @Nullable SqlNode visit(SqlCall call) {
                        SqlNode visited = super.visit(call);
                        return visited instanceof SqlCall same
                                        && same.getOperator().equals(SqlLibraryOperators.GROUP_CONCAT)
                                ? ours(same)
                                : visited;
                    }
                }));
    }

    /** With the order as Calcite wants it: {@code f(a, b) WITHIN GROUP (ORDER BY c)}. */
    private static SqlNode ours(SqlCall call) {
        List<SqlNode> arguments = new ArrayList<>(call.getOperandList());
        SqlNodeList order = arguments.getLast() instanceof SqlNodeList list ? list : null;
        if (order != null) {
            arguments.removeLast();
        }
        SqlCall plain = AggregateCalls.WEIGHTED_AVERAGE_COST.createCall(
                call.getFunctionQuantifier(), call.getParserPosition(), arguments);
        return order == null
                ? plain
                : SqlStdOperatorTable.WITHIN_GROUP.createCall(call.getParserPosition(), plain, order);
    }

    private static SqlParserPos position(String sql, int offset) {
        String before = sql.substring(0, offset);
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        return new SqlParserPos(line, offset - before.lastIndexOf('\n'));
    }
}
