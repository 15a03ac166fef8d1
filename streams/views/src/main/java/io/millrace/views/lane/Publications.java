package io.millrace.views.lane;

import io.millrace.schemas.ViewName;
import io.millrace.views.plan.ViewPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** What a lane has published of each view. */
final class Publications {
    private static final String CONTROL = " control";
    private static final char VERSION = '@';
    private static final long NONE = -1;

    private final LaneViews views;
    private final KeyValueStore<String, String> store;
    private final Map<ViewName, Publication> published = new LinkedHashMap<>();

    /** Those that are wanted, as they were when this was last asked. */
    private Map<ViewName, Long> versions = Map.of();

    /** @param control whether violations are published too */
    record Publication(String generation, long version, boolean control) {
        private static Publication parse(String text) {
            boolean control = text.endsWith(CONTROL);
            String rest = control ? text.substring(0, text.length() - CONTROL.length()) : text;
            int at = rest.lastIndexOf(VERSION);
            return at < 0
                    // Of a hub that knew no versions.
                    ? new Publication(rest, NONE, control)
                    : new Publication(rest.substring(0, at), Long.parseLong(rest.substring(at + 1)), control);
        }

        private boolean hasRowsOf(Publication other) {
            return generation.equals(other.generation) && version == other.version;
        }

        private boolean hasViolationsOf(Publication other) {
            return generation.equals(other.generation) && control == other.control;
        }

        private String text() {
            return generation + VERSION + version + (control ? CONTROL : "");
        }
    }

    Publications(LaneViews views, KeyValueStore<String, String> store) {
        this.views = views;
        this.store = store;
        try (KeyValueIterator<String, String> all = store.all()) {
            all.forEachRemaining(entry -> published.put(new ViewName(entry.key), Publication.parse(entry.value)));
        }
    }

    /** Whether other versions are wanted than before; from then on they are. */
    boolean takeVersions() {
        Map<ViewName, Long> now = views.versions().get();
        boolean changed = !now.equals(versions);
        versions = now;
        return changed;
    }

    /** What there is to be of a view that is in the catalog. */
    Publication wanted(ViewPlan view) {
        return new Publication(view.generation(), versions.getOrDefault(view.name(), 0L), views.isControl(view.name()));
    }

    Optional<Publication> of(ViewName view) {
        return Optional.ofNullable(published.get(view));
    }

    /** Views of which not that is published which is to be. */
    List<ViewPlan> outdated() {
        return views.plans().stream()
                .filter(view -> isOutdated(view, Publication::equals))
                .toList();
    }

    /** Whether all rows of the view are to be published: they never were, or are those of another version. */
    boolean rowsAreOutdated(ViewPlan view) {
        return isOutdated(view, Publication::hasRowsOf);
    }

    /** Whether all violations of the view, if it is a control, are to be told: they never were, or it is another view, or it was no control. */
    boolean violationsAreOutdated(ViewPlan view) {
        return isOutdated(view, Publication::hasViolationsOf);
    }

    private boolean isOutdated(ViewPlan view, BiPredicate<Publication, Publication> same) {
        Publication before = published.get(view.name());
        return before == null || !same.test(before, wanted(view));
    }

    /** Views that are published, and not in the catalog any more. */
    List<ViewName> removed() {
        return published.keySet().stream().filter(view -> !views.has(view)).toList();
    }

    void put(ViewName view, Publication publication) {
        published.put(view, publication);
        store.put(view.toString(), publication.text());
    }

    void remove(ViewName view) {
        published.remove(view);
        store.delete(view.toString());
    }
}
