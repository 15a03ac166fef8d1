package io.millrace.views.planner;

import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeUtil;

/** Leaves literals as they are written: their scale is part of their value. */
final class NumericRexBuilder extends RexBuilder {
    NumericRexBuilder(RelDataTypeFactory factory) {
        super(factory);
    }

    @Override
    public RexNode makeCast(
            SqlParserPos pos,
            RelDataType type,
            RexNode exp,
            boolean matchNullability,
            boolean safe,
            RexLiteral format) {
        if (exp instanceof RexLiteral literal
                && !literal.isNull()
                && type.getSqlTypeName() == SqlTypeName.DECIMAL
                && type.getPrecision() == SqlTypes.numeric(typeFactory).getPrecision()
                && SqlTypeUtil.isExactNumeric(literal.getType())) {
            return literal.getType().getSqlTypeName() == SqlTypeName.DECIMAL
                    ? literal
                    : makeAbstractCast(pos, type, exp, safe);
        }
        return super.makeCast(pos, type, exp, matchNullability, safe, format);
    }
}
