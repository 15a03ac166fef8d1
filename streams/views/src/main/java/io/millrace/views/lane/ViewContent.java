package io.millrace.views.lane;

import io.millrace.views.engine.ViewChanges;
import io.millrace.views.plan.ViewPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All of a view: its rows, and what is kept out of it. */
final class ViewContent {
    private final ViewPlan view;
    private final Map<List<@Nullable Object>, @Nullable Object[]> rows = new LinkedHashMap<>();
    private final Map<List<String>, ViewChanges.FailedRow> failures = new LinkedHashMap<>();
    private long excluded;

    ViewContent(ViewPlan view) {
        this.view = view;
    }

    ViewPlan view() {
        return view;
    }

    void add(ViewChanges changes) {
        changes.deletes().forEach(row -> rows.remove(NetViewChanges.key(view, row)));
        changes.upserts().forEach(row -> rows.put(NetViewChanges.key(view, row), row));
        for (ViewChanges.FailedRow failure : changes.failures()) {
            List<String> of = List.of(failure.operator(), failure.subject(), failure.reason());
            if (failure.open()) {
                failures.put(of, failure);
            } else {
                failures.remove(of);
            }
        }
        if (!changes.failures().isEmpty()) {
            excluded = changes.excludedRows();
        }
    }

    ViewChanges all() {
        List<@Nullable Object[]> upserts = new ArrayList<>();
        rows.values().forEach(row -> upserts.add(row));
        return new ViewChanges(view, upserts, List.of(), excluded, List.copyOf(failures.values()));
    }
}
