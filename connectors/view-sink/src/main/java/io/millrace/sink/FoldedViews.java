package io.millrace.sink;

import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewChanges;
import io.millrace.schemas.avro.ViewRow;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Several batches as one: of each key, what came last. */
final class FoldedViews {
    private final Map<String, Folded> views = new LinkedHashMap<>();

    /** One generation of one view. */
    static final class Folded {
        final String generation;
        /** Row by key; null where the row goes. */
        final Map<ByteBuffer, @Nullable ByteBuffer> rows = new LinkedHashMap<>();

        final Map<Integer, Long> excludedRows = new LinkedHashMap<>();

        Folded(String generation) {
            this.generation = generation;
        }
    }

    /** @param generation of a view that is kept: rows of an older one would go with its table */
    void add(ViewBatch batch, UnaryOperator<@Nullable String> generation) {
        for (ViewChanges changes : batch.getViews()) {
            if (!changes.getGeneration().equals(generation.apply(changes.getView()))) {
                continue;
            }
            Folded view = views.computeIfAbsent(changes.getView(), unseen -> new Folded(changes.getGeneration()));
            for (ViewRow row : changes.getUpserts()) {
                view.rows.put(row.getKey(), row.getRow());
            }
            for (ByteBuffer key : changes.getDeletes()) {
                view.rows.put(key, null);
            }
            if (changes.getExcludedRows() != null) {
                view.excludedRows.put(batch.getLane(), changes.getExcludedRows());
            }
        }
    }

    Map<String, Folded> views() {
        return views;
    }
}
