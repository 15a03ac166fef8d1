package io.millrace.views.lane;

import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowEncoder;
import io.millrace.views.plan.ViewPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Encodes the rows of a view. Not thread-safe. */
final class ViewEncoder {
    private final RowEncoder keys;
    private final RowEncoder rows;
    private final int[] keyIndexes;

    ViewEncoder(ViewPlan view, SchemaRegistry registry) {
        RelationSchema relation = relation(view);
        String topic = Topics.viewName(view.name());
        List<Column> keyColumns = view.key().stream().map(view.columns()::get).toList();
        this.keys = new RowEncoder(registry.registerAltered(topic + "-key", relation.keySchema()), keyColumns);
        this.rows =
                new RowEncoder(registry.registerAltered(topic + "-value", relation.valueSchema()), relation.columns());
        this.keyIndexes = view.key().stream().mapToInt(Integer::intValue).toArray();
    }

    static RelationSchema relation(ViewPlan view) {
        return new RelationSchema(
                new TableName("analytics", view.name().toString()),
                view.columns(),
                view.key().stream()
                        .map(index -> view.columns().get(index).name())
                        .toList(),
                null,
                false);
    }

    byte[] key(@Nullable Object[] row) {
        return keys.encode(row, keyIndexes);
    }

    byte[] row(@Nullable Object[] row) {
        return rows.encode(row);
    }
}
