package io.millrace.views.engine;

import io.millrace.views.plan.ViewPlan;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Net changes of one view.
 *
 * @param upserts whole rows, one a key
 * @param deletes rows that went, of which only the key matters
 * @param excludedRows how many rows are kept out of the view now
 * @param failures what is newly kept out, or healed: the row, why, and whether it is still kept out
 */
public record ViewChanges(
        ViewPlan view,
        List<@Nullable Object[]> upserts,
        List<@Nullable Object[]> deletes,
        long excludedRows,
        List<FailedRow> failures) {

    /** @param subject the row as text */
    public record FailedRow(String operator, String subject, String reason, boolean open) {}

    public boolean isEmpty() {
        return upserts.isEmpty() && deletes.isEmpty() && failures.isEmpty();
    }

    static List<FailedRow> describe(Failures failures) {
        return failures.takeChanged().entrySet().stream()
                .map((Map.Entry<Row, Failures.Failure> entry) -> new FailedRow(
                        failures.operator(),
                        java.util.Arrays.toString(entry.getKey().values()),
                        entry.getValue().reason(),
                        entry.getValue().count() != 0))
                .toList();
    }
}
