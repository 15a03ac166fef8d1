package io.millrace.gateway.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.gateway.http.Problem;
import io.millrace.operations.access.Tenants;
import io.millrace.platform.failure.Suggestion;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The views and reports that there are, and their rows. */
final class Views {
    private static final int MOST_RELATIONS = 10_000;
    private static final int ATTEMPTS = 3;

    private final ReadPool pool;
    private final AppliedState state;
    private final String source;
    private final @Nullable String tenantColumn;
    private final Pages pages;
    private final Cache<Long, Columns> columns =
            Caffeine.newBuilder().maximumSize(MOST_RELATIONS).build();

    Views(
            ReadPool pool,
            AppliedState state,
            String source,
            @Nullable String tenantColumn,
            Optional<SharedPages> shared) {
        this.pages = new Pages(shared);
        this.tenantColumn = tenantColumn;
        this.pool = pool;
        this.state = state;
        this.source = source;
    }

    AppliedState state() {
        return state;
    }

    String source() {
        return source;
    }

    /** The relations that somebody may see. */
    List<Relation> of(Applied applied, Tenants tenants) {
        return applied.relations().values().stream()
                .filter(relation -> tenants.isAll() || isOfTenants(relation))
                .toList();
    }

    /** Whether each row says whose it is. What a report reads may be anybody's. */
    private boolean isOfTenants(Relation relation) {
        return tenantColumn != null
                && relation.kind() == Relation.Kind.VIEW
                && columns(relation).find(tenantColumn).isPresent();
    }

    /** @throws Problem if there is none of this name, or the one who asks may not see it */
    Relation require(Applied applied, String name, Tenants tenants) {
        Relation relation = require(applied, name);
        if (!tenants.isAll() && !isOfTenants(relation)) {
            throw new Problem(
                    Problem.Kind.NOT_PERMITTED,
                    relation.kind().name().toLowerCase(Locale.ROOT) + " " + name
                            + " is for keys of all tenants: "
                            + (relation.kind() == Relation.Kind.REPORT
                                    ? "what a report reads may be anybody's"
                                    : "it has no column " + tenantColumn + " that says whose a row is"),
                    "GET /api/v1/views lists the views for your key");
        }
        return relation;
    }

    /** The column that says whose a row is; null if there is none in the source. */
    @Nullable String tenantColumn() {
        return tenantColumn;
    }

    private static Relation require(Applied applied, String name) {
        Relation relation = applied.relations().get(name);
        if (relation == null) {
            throw new Problem(
                    Problem.Kind.NOT_FOUND,
                    "there is no view or report '" + name + "'"
                            + Suggestion.of(name, applied.relations().keySet()),
                    "GET /api/v1/views lists them");
        }
        return relation;
    }

    /**
     * @throws Problem if the relation is not there
     * @throws State.Replaced if another one is there now
     */
    Columns columns(Relation relation) {
        String problem = relation.problem();
        if (problem != null) {
            throw new Problem(
                    Problem.Kind.BROKEN_REPORT,
                    "report " + relation.name() + " is not there: " + problem,
                    "correct the report's query in the catalog");
        }
        Columns found = columns.getIfPresent(relation.oid());
        if (found == null) {
            found = pool.read(connection -> Columns.of(connection, relation));
            if (found.all().isEmpty()) {
                throw new State.Replaced();
            }
            columns.put(relation.oid(), found);
        }
        return found;
    }

    /**
     * A page of rows.
     *
     * @param applied what it must not be older than
     */
    Page page(String name, Applied applied, Tenants tenants, Function<Relation, RowQuery> query) {
        return settled(applied, current -> page(query.apply(require(current, name, tenants)), current, pool));
    }

    /**
     * @param from connections for it, if it is not there already
     * @throws State.Replaced if another relation is there now
     */
    Page page(RowQuery wanted, Applied applied, ReadPool from) {
        return pages.get(
                wanted,
                applied,
                missed -> from.read(missed.tenants(), connection -> PageReader.read(connection, missed, source)));
    }

    /** What reads a relation, and fails with {@link State.Replaced} if it was replaced meanwhile. */
    interface Attempt<T, E extends Exception> {
        T read(Applied current) throws E;
    }

    /** Does something again if what it reads was replaced meanwhile. */
    <T, E extends Exception> T settled(Applied applied, Attempt<T, E> work) throws E {
        Applied current = applied;
        for (int attempt = 1; ; attempt++) {
            try {
                return work.read(current);
            } catch (State.Replaced again) {
                if (attempt == ATTEMPTS) {
                    throw new Problem(Problem.Kind.UNAVAILABLE, "the view is being replaced", "try again in a moment");
                }
                current = state.refreshed();
            }
        }
    }
}
