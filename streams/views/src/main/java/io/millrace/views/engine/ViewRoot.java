package io.millrace.views.engine;

import io.millrace.views.plan.ExpressionFailure;
import io.millrace.views.plan.ViewPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Consolidates a view's delta to one net change a key. */
final class ViewRoot {
    private final ViewPlan view;
    private final int[] key;
    private final List<Failures> failures;
    private final Failures tooLarge = new Failures("Size");
    private final @Nullable DeclaredKey declared;

    ViewRoot(ViewPlan view, List<Failures> failures) {
        this.view = view;
        this.key = Row.indexes(view.key());
        this.failures = failures;
        this.declared = view.keyProven() ? null : new DeclaredKey();
    }

    ViewPlan view() {
        return view;
    }

    /** @param failed what is newly kept out or healed, of all operators */
    ViewChanges consolidate(Delta delta, Map<Failures, List<ViewChanges.FailedRow>> failed) {
        Map<Row, Bag> byKey = new LinkedHashMap<>();
        for (Delta.Change change : delta.changes()) {
            ExpressionFailure size = RowSize.problem(change.row(), key);
            if (size != null) {
                tooLarge.add(change.row(), change.weight(), size);
                continue;
            }
            byKey.computeIfAbsent(Row.key(change.row(), key), unseen -> new Bag())
                    .add(change.row(), change.weight());
        }
        List<@Nullable Object[]> upserts = new ArrayList<>();
        List<@Nullable Object[]> deletes = new ArrayList<>();
        byKey.forEach((keyValues, rows) -> {
            if (declared != null) {
                declared.apply(keyValues, rows, upserts, deletes);
                return;
            }
            @Nullable Object @Nullable [][] net = new @Nullable Object @Nullable [2][];
            rows.forEach((row, count) -> net[count > 0 ? 0 : 1] = row);
            if (net[0] != null) {
                upserts.add(net[0]);
            } else if (net[1] != null) {
                deletes.add(net[1]);
            }
        });
        long excluded = failures.stream().mapToLong(Failures::size).sum() + tooLarge.size();
        List<ViewChanges.FailedRow> ofView = new ArrayList<>(ViewChanges.describe(tooLarge));
        failures.forEach(of -> ofView.addAll(failed.getOrDefault(of, List.of())));
        if (declared != null) {
            excluded += declared.failures().size();
            ofView.addAll(ViewChanges.describe(declared.failures()));
        }
        return new ViewChanges(view, upserts, deletes, excluded, ofView);
    }
}
