package io.millrace.views.analysis;

import io.millrace.views.postgres.ValueType;
import org.apache.calcite.rel.type.RelDataTypeImpl;
import org.apache.calcite.sql.type.SqlTypeName;

/** A type of Postgres in Calcite's plans. */
public final class RelType extends RelDataTypeImpl {
    private final ValueType type;
    private final boolean nullable;

    RelType(ValueType type, boolean nullable) {
        this.type = type;
        this.nullable = nullable;
        computeDigest();
    }

    public ValueType type() {
        return type;
    }

    @Override
    public boolean isNullable() {
        return nullable;
    }

    /** What Calcite's rules look at; all else is ours alone. */
    @Override
    public SqlTypeName getSqlTypeName() {
        return switch (type.name()) {
            case "bool" -> SqlTypeName.BOOLEAN;
            case "int4" -> SqlTypeName.INTEGER;
            case "int8" -> SqlTypeName.BIGINT;
            default -> SqlTypeName.OTHER;
        };
    }

    @Override
    protected void generateTypeString(StringBuilder text, boolean withDetail) {
        text.append(type);
    }
}
