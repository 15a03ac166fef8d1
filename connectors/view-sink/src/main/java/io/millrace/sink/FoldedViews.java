package io.millrace.sink;

import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewChanges;
import io.millrace.schemas.avro.ViewRow;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
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

    void add(ViewBatch batch) {
        for (ViewChanges changes : batch.getViews()) {
            Folded view = views.get(changes.getView());
            if (view == null || !view.generation.equals(changes.getGeneration())) {
                // Rows of an older generation would go with its table.
                view = new Folded(changes.getGeneration());
                views.put(changes.getView(), view);
            }
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
