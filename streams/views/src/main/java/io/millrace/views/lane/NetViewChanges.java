package io.millrace.views.lane;

import io.millrace.schemas.ViewName;
import io.millrace.views.engine.ViewChanges;
import io.millrace.views.expression.PgOrder;
import io.millrace.views.plan.ViewPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The changes of several steps as one: of each key, what came last. */
final class NetViewChanges {
    /** By name: a plan's hash is that of all its parts. */
    private final Map<ViewName, Net> byView = new LinkedHashMap<>();

    private static final class Net {
        final ViewPlan view;
        final Map<List<@Nullable Object>, Last> rows = new LinkedHashMap<>();
        final List<ViewChanges.FailedRow> failures = new ArrayList<>();
        long excludedRows;

        Net(ViewPlan view) {
            this.view = view;
        }
    }

    private record Last(@Nullable Object[] row, boolean deleted) {}

    void add(ViewChanges changes) {
        Net net = byView.computeIfAbsent(changes.view().name(), unseen -> new Net(changes.view()));
        changes.deletes().forEach(row -> net.rows.put(key(changes.view(), row), new Last(row, true)));
        changes.upserts().forEach(row -> net.rows.put(key(changes.view(), row), new Last(row, false)));
        net.failures.addAll(changes.failures());
        net.excludedRows = changes.excludedRows();
    }

    List<ViewChanges> all() {
        List<ViewChanges> all = new ArrayList<>();
        byView.values().forEach(net -> {
            List<@Nullable Object[]> upserts = new ArrayList<>();
            List<@Nullable Object[]> deletes = new ArrayList<>();
            net.rows.values().forEach(last -> (last.deleted ? deletes : upserts).add(last.row));
            all.add(new ViewChanges(net.view, upserts, deletes, net.excludedRows, net.failures));
        });
        return all;
    }

    /** A row's key, equal where Postgres finds keys equal. */
    static List<@Nullable Object> key(ViewPlan view, @Nullable Object[] row) {
        List<@Nullable Object> key = new ArrayList<>();
        view.key().forEach(index -> {
            Object value = row[index];
            key.add(value == null ? null : PgOrder.canonical(value));
        });
        return key;
    }
}
