package io.millrace.gateway.view;

import static io.millrace.gateway.view.ViewParameters.AT_LEAST;
import static io.millrace.gateway.view.ViewParameters.TIMEOUT;
import static io.millrace.gateway.view.ViewParameters.VIEW;

import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Parameter;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.access.Permission;
import io.millrace.schemas.Lsn;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.util.UriComponentsBuilder;

/** {@code /views}: what there is, and rows of it. */
final class ViewEndpoints {
    private static final List<Problem.Kind> ROW_PROBLEMS = List.of(
            Problem.Kind.NOT_FOUND,
            Problem.Kind.BAD_FILTER,
            Problem.Kind.BAD_CURSOR,
            Problem.Kind.VIEW_CHANGED,
            Problem.Kind.BROKEN_REPORT,
            Problem.Kind.NOT_FRESH,
            Problem.Kind.TOO_SLOW);

    private final Views views;
    private final ReadPool exports;

    /** @param exports connections of exports, which take their time */
    ViewEndpoints(Views views, ReadPool exports) {
        this.views = views;
        this.exports = exports;
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
                        this::freshness),
                Endpoint.get(
                        "/views/{view}/rows",
                        "listRows",
                        Permission.VIEWS_READ,
                        "Rows of a view or report",
                        "A page of rows. They are the result of every source transaction up to the position in Millrace-LSN, and of none after it."
                                + " 'next' is where the next page begins; a report has none, since its rows have no key."
                                + " 'moved' says that rows changed since the first page.",
                        parameters(
                                VIEW,
                                ViewParameters.COLUMNS,
                                ViewParameters.FILTER,
                                ViewParameters.ORDER,
                                ViewParameters.LIMIT,
                                ViewParameters.CURSOR,
                                ViewParameters.COUNT,
                                ViewParameters.NUMBERS),
                        Map.of("application/json", ViewSchemas.PAGE),
                        ROW_PROBLEMS,
                        this::rows),
                Endpoint.get(
                        "/views/{view}/row",
                        "getRow",
                        Permission.VIEWS_READ,
                        "One row of a view, by its key",
                        "The row, as a page of one.",
                        parameters(VIEW, ViewParameters.KEY, ViewParameters.COLUMNS, ViewParameters.NUMBERS),
                        Map.of("application/json", ViewSchemas.PAGE),
                        ROW_PROBLEMS,
                        this::row),
                Endpoint.get(
                        "/views/{view}/export",
                        "exportRows",
                        Permission.VIEWS_READ,
                        "All rows of a view or report",
                        "A stream of all rows, of one state. If it cannot be finished, the connection is broken off: a stream that ends in order is whole.",
                        parameters(
                                VIEW,
                                ViewParameters.FORMAT,
                                ViewParameters.COLUMNS,
                                ViewParameters.FILTER,
                                ViewParameters.ORDER,
                                ViewParameters.NUMBERS,
                                ViewParameters.FORMULAS),
                        Map.of(
                                "application/x-ndjson", Schema.text("A row a line."),
                                "text/csv", Schema.text("A header, and a row a line.")),
                        ROW_PROBLEMS,
                        this::export));
    }

    private static List<Parameter<?>> parameters(Parameter<?>... own) {
        List<Parameter<?>> all = new ArrayList<>(List.of(own));
        all.addAll(ViewParameters.FRESHNESS);
        return List.copyOf(all);
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

    private ServerResponse rows(Call call) throws InterruptedException {
        Applied applied = applied(call);
        Page page = views.page(
                call.get(VIEW),
                applied,
                call.tenants(),
                ViewParameters.query(call.arguments(), call.tenants(), views::columns));
        return answer(call, applied, page);
    }

    private ServerResponse row(Call call) throws InterruptedException {
        Applied applied = applied(call);
        Page page = views.page(
                call.get(VIEW),
                applied,
                call.tenants(),
                KeyQuery.of(call.get(ViewParameters.KEY), call.arguments(), call.tenants(), views::columns));
        if (page.rows().length == 0) {
            throw new Problem(
                    Problem.Kind.NOT_FOUND,
                    "view " + call.get(VIEW) + " has no row " + call.get(ViewParameters.KEY) + " at "
                            + lsn(applied, page),
                    "GET /api/v1/views/" + call.get(VIEW) + "/rows lists the rows there are");
        }
        return answer(call, applied, page);
    }

    private Applied applied(Call call) throws InterruptedException {
        Optional<String> wanted = call.optional(AT_LEAST);
        return wanted.isEmpty()
                ? views.state().now()
                : views.state().await(Lsn.parse(wanted.get()).value(), wanted.get(), call.get(TIMEOUT));
    }

    /** A page that was kept is as good at the position that is applied now. */
    private static String lsn(Applied applied, Page page) {
        return page.epoch() >= applied.epoch() ? page.lsn() : applied.lsn();
    }

    private static ServerResponse answer(Call call, Applied applied, Page page) {
        String lsn = lsn(applied, page);
        Instant committedAt = page.epoch() >= applied.epoch() ? page.committedAt() : applied.committedAt();
        // Of a report, nothing says when it changed last: it may say what time it is.
        Optional<String> etag = page.changedEpoch() == null
                ? Optional.empty()
                : Optional.of("W/\"" + page.oid() + "-" + page.changedEpoch()
                        + (call.tenants().isAll()
                                ? ""
                                : "-" + Integer.toHexString(call.tenants().hashCode())) + "\"");
        if (etag.isPresent() && call.hasNoneMatch(etag.get())) {
            return Answers.notModified(headers -> {
                position(headers, lsn, committedAt);
                headers.put("ETag", etag.get());
            });
        }
        Map<String, @Nullable Object> envelope = new LinkedHashMap<>();
        envelope.put("view", call.get(VIEW));
        envelope.put("lsn", lsn);
        envelope.put("committedAt", committedAt.toString());
        envelope.put("status", page.excludedRows() > 0 ? "degraded" : "ok");
        envelope.put("excludedRows", page.excludedRows());
        envelope.put("more", page.more());
        envelope.put("next", page.next().orElse(null));
        envelope.put("moved", page.moved());
        envelope.put("count", page.count());
        return Answers.bytes(MediaType.APPLICATION_JSON, Answers.withRows(envelope, page.rows()), headers -> {
            position(headers, lsn, committedAt);
            etag.ifPresent(tag -> headers.put("ETag", tag));
            page.next()
                    .ifPresent(next -> headers.put(
                            "Link",
                            "<"
                                    + UriComponentsBuilder.fromUriString(call.pathAndQuery())
                                            .replaceQueryParam("cursor", next)
                                            .build(true)
                                            .toUriString()
                                    + ">; rel=\"next\""));
        });
    }

    private ServerResponse export(Call call) throws InterruptedException {
        Applied applied = applied(call);
        Function<Relation, RowQuery> query =
                ViewParameters.everything(call.arguments(), call.tenants(), views::columns);
        // What is wrong with the request is found before anything is sent.
        views.settled(applied, current -> query.apply(views.require(current, call.get(VIEW), call.tenants())));
        return Answers.stream((request, response) -> views.settled(applied, current -> {
            Export export = new Export(
                    query.apply(views.require(current, call.get(VIEW), call.tenants())),
                    call.get(ViewParameters.FORMAT),
                    call.get(ViewParameters.FORMULAS));
            exports.stream(call.tenants(), connection -> send(export, connection, response));
            return true;
        }));
    }

    private void send(Export export, Connection connection, HttpServletResponse response)
            throws SQLException, IOException {
        Export.Rows rows = export.open(connection, views.source());
        response.setContentType(export.mediaType());
        response.setHeader("Content-Disposition", "attachment; filename=\"" + export.fileName() + "\"");
        Map<String, String> headers = new LinkedHashMap<>();
        position(headers, rows.lsn(), rows.committedAt());
        headers.forEach(response::setHeader);
        rows.writeTo(response.getOutputStream());
    }

    private static void position(Map<String, String> headers, String lsn, Instant committedAt) {
        headers.put("Millrace-LSN", lsn);
        headers.put("Millrace-Committed-At", committedAt.toString());
    }
}
