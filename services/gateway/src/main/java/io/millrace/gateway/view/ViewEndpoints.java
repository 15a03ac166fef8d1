package io.millrace.gateway.view;

import static io.millrace.gateway.view.ViewParameters.VIEW;

import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.access.Permission;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerResponse;

/** {@code /views}: what there is. */
final class ViewEndpoints {
    private final Views views;

    ViewEndpoints(Views views) {
        this.views = views;
    }

    List<Endpoint> all() {
        return List.of(
                Endpoint.get(
                        "/views",
                        "listViews",
                        Permission.VIEWS_READ,
                        "Views and reports",
                        "Every view and report, with its columns and its status. A degraded view lacks rows on which an expression of it fails.",
                        List.of(),
                        Map.of("application/json", Schema.list("views", ViewSchemas.VIEW)),
                        List.of(),
                        this::list),
                Endpoint.get(
                        "/views/{view}",
                        "getView",
                        Permission.VIEWS_READ,
                        "One view or report",
                        "Its columns, its key and its status.",
                        List.of(VIEW),
                        Map.of("application/json", ViewSchemas.VIEW),
                        List.of(Problem.Kind.NOT_FOUND),
                        this::one),
                Endpoint.get(
                        "/views/{view}/schema",
                        "getRowSchema",
                        Permission.VIEWS_READ,
                        "JSON Schema of a view's or report's rows",
                        "What a row is, with the columns' types and descriptions.",
                        List.of(VIEW, ViewParameters.NUMBERS),
                        Map.of("application/json", Schema.anything("A JSON Schema.")),
                        List.of(Problem.Kind.NOT_FOUND, Problem.Kind.BROKEN_REPORT),
                        this::schema),
                Endpoint.get(
                        "/freshness",
                        "getFreshness",
                        Permission.VIEWS_READ,
                        "Up to where the views are",
                        "The position that all views are the result of, and how old it is.",
                        List.of(),
                        Map.of("application/json", ViewSchemas.FRESHNESS),
                        List.of(),
                        this::freshness));
    }

    private ServerResponse list(Call call) {
        return views.settled(
                views.state().now(),
                current -> Answers.json(
                        Map.of(
                                "views",
                                views.of(current, call.tenants()).stream()
                                        .map(this::described)
                                        .toList()),
                        headers -> position(headers, current.lsn(), current.committedAt())));
    }

    private ServerResponse one(Call call) {
        return views.settled(
                views.state().now(),
                current -> Answers.json(
                        described(views.require(current, call.get(VIEW), call.tenants())),
                        headers -> position(headers, current.lsn(), current.committedAt())));
    }

    private ServerResponse schema(Call call) {
        return views.settled(
                views.state().now(),
                current -> Answers.json(
                        RowSchema.of(
                                views.columns(views.require(current, call.get(VIEW), call.tenants())),
                                call.get(ViewParameters.NUMBERS)),
                        headers -> {}));
    }

    private ServerResponse freshness(Call call) {
        Applied applied = views.state().now();
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("source", views.source());
        answer.put("lsn", applied.lsn());
        answer.put("committedAt", applied.committedAt().toString());
        answer.put(
                "ageMillis",
                Math.max(
                        0,
                        Duration.between(applied.committedAt(), Instant.now()).toMillis()));
        return Answers.json(answer, headers -> position(headers, applied.lsn(), applied.committedAt()));
    }

    private Map<String, @Nullable Object> described(Relation relation) {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("name", relation.name());
        view.put("kind", relation.kind().name().toLowerCase(java.util.Locale.ROOT));
        view.put("description", relation.description());
        view.put("status", relation.status());
        view.put("problem", relation.problem());
        view.put("excludedRows", relation.excludedRows());
        view.put("key", relation.key());
        view.put("generation", relation.generation().isEmpty() ? null : relation.generation());
        List<Relation.Column> columns =
                relation.problem() == null ? views.columns(relation).all() : List.of();
        view.put(
                "columns",
                columns.stream()
                        .map(column -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("name", column.name());
                            one.put("type", column.type());
                            one.put("nullable", column.nullable());
                            one.put("description", column.description());
                            return one;
                        })
                        .toList());
        return view;
    }

    /** Of which state an answer is. */
    static void position(Map<String, String> headers, String lsn, Instant committedAt) {
        headers.put("Millrace-LSN", lsn);
        headers.put("Millrace-Committed-At", committedAt.toString());
    }
}
