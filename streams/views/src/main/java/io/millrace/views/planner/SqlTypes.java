package io.millrace.views.planner;

import io.millrace.schemas.row.PgType;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rel.type.RelDataTypeSystemImpl;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.type.SqlTypeFactoryImpl;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeUtil;
import org.jspecify.annotations.Nullable;

/** Postgres' types as Calcite's, and back. */
public final class SqlTypes {
    private static final int NUMERIC_PRECISION = 1_000;
    private static final int NUMERIC_SCALE = 500;
    private static final int MICROS = 6;

    private SqlTypes() {}

    static RelDataTypeFactory factory() {
        return new Factory();
    }

    /** One numeric for all: its values carry their scales. */
    public static RelDataType numeric(RelDataTypeFactory factory) {
        return factory.createSqlType(SqlTypeName.DECIMAL, NUMERIC_PRECISION, NUMERIC_SCALE);
    }

    /** The same, where a function's result is told. */
    public static RelDataType numeric(SqlOperatorBinding binding) {
        return numeric(binding.getTypeFactory());
    }

    /** Null for a type whose values views can't handle. */
    static @Nullable RelDataType of(RelDataTypeFactory factory, PgType type) {
        return switch (type.kind()) {
            case BOOL -> factory.createSqlType(SqlTypeName.BOOLEAN);
            case INT2 -> factory.createSqlType(SqlTypeName.SMALLINT);
            case INT4 -> factory.createSqlType(SqlTypeName.INTEGER);
            case INT8 -> factory.createSqlType(SqlTypeName.BIGINT);
            case FLOAT4 -> factory.createSqlType(SqlTypeName.REAL);
            case FLOAT8 -> factory.createSqlType(SqlTypeName.DOUBLE);
            case NUMERIC -> numeric(factory);
            case TEXT -> isText(type) ? factory.createSqlType(SqlTypeName.VARCHAR) : null;
            case DATE -> factory.createSqlType(SqlTypeName.DATE);
            case TIMESTAMP -> factory.createSqlType(SqlTypeName.TIMESTAMP, MICROS);
            case TIMESTAMPTZ -> factory.createSqlType(SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE, MICROS);
            case TIME, MONEY, BYTEA, ARRAY -> null;
        };
    }

    /** Types whose equality is that of their text. */
    private static boolean isText(PgType type) {
        return type.name().equals("text")
                || type.name().startsWith("character varying")
                || type.name().equals("uuid");
    }

    /** @throws Unsupported if no Postgres type stands behind it */
    public static PgType pgType(RelDataType type) {
        return switch (type.getSqlTypeName()) {
            case BOOLEAN -> PgType.BOOL;
            case SMALLINT -> PgType.parse("smallint");
            case INTEGER -> PgType.INT4;
            case BIGINT -> PgType.INT8;
            case REAL -> PgType.parse("real");
            case DOUBLE, FLOAT -> PgType.parse("double precision");
            case DECIMAL ->
                type.getPrecision() == NUMERIC_PRECISION
                        ? PgType.NUMERIC
                        : PgType.parse("numeric(" + type.getPrecision() + "," + type.getScale() + ")");
            case CHAR, VARCHAR -> PgType.TEXT;
            case DATE -> PgType.DATE;
            case TIMESTAMP -> PgType.TIMESTAMP;
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> PgType.TIMESTAMPTZ;
            case NULL -> PgType.TEXT;
            default -> throw new Unsupported("type " + type, "cast it to a type that docs/sql.md lists");
        };
    }

    /** @throws Unsupported for a cast without an implementation */
    public static void requireCast(PgType from, PgType to) {
        boolean text = from.kind() == PgType.Kind.TEXT || to.kind() == PgType.Kind.TEXT;
        boolean numbers = number(from) && number(to);
        boolean times = time(from) && time(to);
        boolean flags =
                from.kind() == PgType.Kind.BOOL && (to.kind() == PgType.Kind.INT4 || to.kind() == PgType.Kind.BOOL)
                        || from.kind() == PgType.Kind.INT4 && to.kind() == PgType.Kind.BOOL;
        if (!text && !numbers && !times && !flags) {
            throw new Unsupported(
                    "a cast from " + from + " to " + to, "cast by way of a type that both have in common");
        }
        if (from.kind() == PgType.Kind.FLOAT4 && to.kind() == PgType.Kind.TEXT
                || from.kind() == PgType.Kind.FLOAT8 && to.kind() == PgType.Kind.TEXT) {
            throw new Unsupported("a cast from " + from + " to text", "cast it to numeric first");
        }
    }

    private static boolean number(PgType type) {
        return switch (type.kind()) {
            case INT2, INT4, INT8, NUMERIC, FLOAT4, FLOAT8 -> true;
            default -> false;
        };
    }

    private static boolean time(PgType type) {
        return switch (type.kind()) {
            case DATE, TIMESTAMP, TIMESTAMPTZ -> true;
            default -> false;
        };
    }

    private static final class PgTypeSystem extends RelDataTypeSystemImpl {
        @Override
        public int getMaxPrecision(SqlTypeName type) {
            return switch (type) {
                case DECIMAL -> NUMERIC_PRECISION;
                case TIMESTAMP, TIMESTAMP_WITH_LOCAL_TIME_ZONE, TIME -> MICROS;
                case VARCHAR, CHAR -> 10_485_760;
                default -> super.getMaxPrecision(type);
            };
        }

        @Override
        public int getMaxScale(SqlTypeName type) {
            return type == SqlTypeName.DECIMAL ? NUMERIC_PRECISION : super.getMaxScale(type);
        }

        @Override
        public int getDefaultPrecision(SqlTypeName type) {
            return switch (type) {
                case DECIMAL -> NUMERIC_PRECISION;
                case TIMESTAMP, TIMESTAMP_WITH_LOCAL_TIME_ZONE, TIME -> MICROS;
                default -> super.getDefaultPrecision(type);
            };
        }

        @Override
        public int getDefaultScale(SqlTypeName type) {
            return type == SqlTypeName.DECIMAL ? NUMERIC_SCALE : super.getDefaultScale(type);
        }

        @Override
        public boolean shouldConvertRaggedUnionTypesToVarying() {
            return true;
        }

        @Override
        public java.math.RoundingMode roundingMode() {
            return java.math.RoundingMode.HALF_UP;
        }

        private static @Nullable RelDataType decimals(RelDataTypeFactory factory, RelDataType left, RelDataType right) {
            boolean decimal = SqlTypeUtil.isDecimal(left) || SqlTypeUtil.isDecimal(right);
            return decimal && SqlTypeUtil.isExactNumeric(left) && SqlTypeUtil.isExactNumeric(right)
                    ? factory.createTypeWithNullability(numeric(factory), left.isNullable() || right.isNullable())
                    : null;
        }

        @Override
        public @Nullable RelDataType deriveDecimalPlusType(
                RelDataTypeFactory factory, RelDataType left, RelDataType right) {
            return decimals(factory, left, right);
        }

        @Override
        public @Nullable RelDataType deriveDecimalMultiplyType(
                RelDataTypeFactory factory, RelDataType left, RelDataType right) {
            return decimals(factory, left, right);
        }

        @Override
        public @Nullable RelDataType deriveDecimalDivideType(
                RelDataTypeFactory factory, RelDataType left, RelDataType right) {
            return decimals(factory, left, right);
        }

        @Override
        public @Nullable RelDataType deriveDecimalModType(
                RelDataTypeFactory factory, RelDataType left, RelDataType right) {
            return decimals(factory, left, right);
        }

        @Override
        public RelDataType deriveSumType(RelDataTypeFactory factory, RelDataType argument) {
            RelDataType sum = switch (argument.getSqlTypeName()) {
                case SMALLINT, INTEGER -> factory.createSqlType(SqlTypeName.BIGINT);
                case BIGINT, DECIMAL -> numeric(factory);
                default -> argument;
            };
            return factory.createTypeWithNullability(sum, argument.isNullable());
        }

        @Override
        public RelDataType deriveAvgAggType(RelDataTypeFactory factory, RelDataType argument) {
            RelDataType average =
                    SqlTypeUtil.isExactNumeric(argument) ? numeric(factory) : factory.createSqlType(SqlTypeName.DOUBLE);
            return factory.createTypeWithNullability(average, argument.isNullable());
        }
    }

    private static final class Factory extends SqlTypeFactoryImpl {
        Factory() {
            super(new PgTypeSystem());
        }

        @Override
        public Charset getDefaultCharset() {
            return StandardCharsets.UTF_8;
        }

        @Override
        public @Nullable RelDataType leastRestrictive(List<RelDataType> types) {
            boolean nullable = types.stream().anyMatch(RelDataType::isNullable);
            if (types.stream().allMatch(SqlTypeUtil::isExactNumeric)
                    && types.stream().anyMatch(SqlTypeUtil::isDecimal)) {
                return createTypeWithNullability(numeric(this), nullable);
            }
            if (types.stream().allMatch(SqlTypeUtil::inCharFamily)) {
                return createTypeWithNullability(createSqlType(SqlTypeName.VARCHAR), nullable);
            }
            return super.leastRestrictive(types);
        }
    }
}
