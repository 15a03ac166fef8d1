package io.millrace.views.planner;

import java.util.Set;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.type.SqlTypeUtil;
import org.apache.calcite.sql.util.SqlBasicVisitor;
import org.apache.calcite.sql.validate.SqlValidator;
import org.jspecify.annotations.Nullable;

/** Finds, in the validated query, what views do not support of certain types: here it still has a line and a column. */
public final class TypeRefusals extends SqlBasicVisitor<@Nullable Void> {
    private static final Set<SqlKind> ORDER = Set.of(
            SqlKind.LESS_THAN,
            SqlKind.LESS_THAN_OR_EQUAL,
            SqlKind.GREATER_THAN,
            SqlKind.GREATER_THAN_OR_EQUAL,
            SqlKind.BETWEEN);

    private final SqlValidator validator;

    TypeRefusals(SqlValidator validator) {
        this.validator = validator;
    }

    @Override
    public @Nullable Void visit(SqlCall call) {
        if (call.operandCount() > 0) {
            check(call);
        }
        return super.visit(call);
    }

    private void check(SqlCall call) {
        SqlNode operand = call.operand(0);
        RelDataType type = operand == null ? null : validator.getValidatedNodeTypeIfKnown(operand);
        if (type == null) {
            return;
        }
        SqlKind kind = call.getKind();
        Unsupported wrong = null;
        if ((kind == SqlKind.SUM || kind == SqlKind.AVG) && SqlTypeUtil.isApproximateNumeric(type)) {
            wrong = AggregateCalls.ofFloatingPoint(kind.toString());
        } else if ((kind == SqlKind.MIN || kind == SqlKind.MAX) && SqlTypeUtil.inCharFamily(type)) {
            wrong = AggregateCalls.ofText(kind.toString());
        } else if (ORDER.contains(kind) && SqlTypeUtil.inCharFamily(type)) {
            wrong = orderOfText();
        }
        if (wrong != null) {
            throw new Refusals.Refused(call.getParserPosition(), wrong);
        }
    }

    /** For the places that only the plan knows. */
    public static Unsupported orderOfText() {
        return new Unsupported(
                "the order of text, which depends on the database's collation,",
                "compare for equality, or compare numbers or dates");
    }
}
