package io.millrace.views.analysis;

import io.millrace.views.postgres.ValueType;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeSystem;
import org.apache.calcite.sql.type.SqlTypeFactoryImpl;
import org.apache.calcite.sql.type.SqlTypeName;
import org.jspecify.annotations.Nullable;

/** Makes Calcite's types, so that those which its rules make are ours too. */
public final class RelTypes extends SqlTypeFactoryImpl {
    public RelTypes() {
        super(RelDataTypeSystem.DEFAULT);
    }

    /** The Postgres type behind a type of a plan. */
    public static ValueType of(RelDataType type) {
        return switch (type) {
            case RelType ours -> ours.type();
            default ->
                switch (type.getSqlTypeName()) {
                    case BOOLEAN -> ValueType.BOOL;
                    case INTEGER -> ValueType.INT4;
                    case BIGINT -> ValueType.INT8;
                    default -> throw new IllegalStateException("type " + type);
                };
        };
    }

    @Override
    public Charset getDefaultCharset() {
        return StandardCharsets.UTF_8;
    }

    @Override
    public RelDataType createSqlType(SqlTypeName name) {
        return switch (name) {
            case BOOLEAN -> new RelType(ValueType.BOOL, false);
            case INTEGER -> new RelType(ValueType.INT4, false);
            case BIGINT -> new RelType(ValueType.INT8, false);
            default -> super.createSqlType(name);
        };
    }

    @Override
    public RelDataType createTypeWithNullability(RelDataType type, boolean nullable) {
        return type instanceof RelType ours
                ? new RelType(ours.type(), nullable)
                : super.createTypeWithNullability(type, nullable);
    }

    /** Of UNION's inputs, which have equal types here. */
    @Override
    public @Nullable RelDataType leastRestrictive(List<RelDataType> types) {
        if (types.getFirst() instanceof RelType first) {
            return new RelType(first.type(), types.stream().anyMatch(RelDataType::isNullable));
        }
        return super.leastRestrictive(types);
    }
}
