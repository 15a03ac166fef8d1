package io.millrace.sink;

import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewChanges;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.avro.ViewRow;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Several batches as one: of each key, what came last. */
final class FoldedViews {
    private final Map<String, Folded> views = new LinkedHashMap<>();

    /** One edition of one view. */
    static final class Folded {
        final Edition edition;

        /** What the view is, if these are all of its rows; null if they are changes, or if it was removed. */
        @Nullable ViewDefinition definition;

        /** Row by key; null where the row goes. */
        final Map<ByteBuffer, @Nullable ByteBuffer> rows = new LinkedHashMap<>();

        final Map<Integer, Long> excludedRows = new LinkedHashMap<>();

        Folded(Edition edition) {
            this.edition = edition;
        }

        /** Whether a reader of the view may see something else after it. */
        boolean changes() {
            return definition != null || !rows.isEmpty() || !excludedRows.isEmpty();
        }
    }

    /**
     * Batches of one lane come in their order.
     *
     * @param kept of a view, the edition that is kept: changes of another one would go with its table
     */
    void add(ViewBatch batch, Function<String, Edition> kept) {
        for (ViewChanges changes : batch.getViews()) {
            Edition edition = Edition.of(changes);
            if (!edition.equals(kept.apply(changes.getView()))) {
                continue;
            }
            Folded view = views.get(changes.getView());
            if (view == null || !view.edition.equals(edition)) {
                view = new Folded(edition);
                views.put(changes.getView(), view);
            }
            if (changes.getWhole()) {
                view.definition = changes.getDefinition();
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

    /** A view that is not there any more. */
    void remove(String view) {
        views.put(view, new Folded(Edition.REMOVED));
    }

    Map<String, Folded> views() {
        return views;
    }
}
