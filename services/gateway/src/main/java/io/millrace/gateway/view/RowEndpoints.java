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
import io.millrace.operations.access.Tenants;
import io.millrace.schemas.Lsn;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.util.UriComponentsBuilder;

/** {@code /views/{view}/rows} and what else answers with rows. */
final class RowEndpoints {
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
    RowEndpoints(Views views, ReadPool exports) {
        this.views = views;
        this.exports = exports;
    }

    List<Endpoint> all() {
        return List.of(
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
                        // Others have another answer under the same address.
                        + (call.tenants().isAll()
                                ? ""
                                : "-"
                                        + UUID.nameUUIDFromBytes(
                                                call.tenants().setting().getBytes(StandardCharsets.UTF_8)))
                        + "\"");
        if (etag.isPresent() && call.hasNoneMatch(etag.get())) {
            return Answers.notModified(headers -> {
                ViewEndpoints.position(headers, lsn, committedAt);
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
        return Answers.bytes(
                MediaType.APPLICATION_JSON, Answers.object(envelope, Map.of("rows", page.rows())), headers -> {
                    ViewEndpoints.position(headers, lsn, committedAt);
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
        Tenants whose = call.tenants();
        Function<Relation, RowQuery> query = ViewParameters.everything(call.arguments(), whose, views::columns);
        // What is wrong with the request is found before anything is sent.
        views.settled(applied, current -> query.apply(views.require(current, call.get(VIEW), whose)));
        return Answers.stream((request, response) -> views.settled(applied, current -> {
            Export export = new Export(
                    query.apply(views.require(current, call.get(VIEW), whose)),
                    call.get(ViewParameters.FORMAT),
                    call.get(ViewParameters.FORMULAS));
            exports.stream(whose, connection -> send(export, connection, response));
            return true;
        }));
    }

    private void send(Export export, Connection connection, HttpServletResponse response)
            throws SQLException, IOException {
        Export.Rows rows = export.open(connection, views.source());
        response.setContentType(export.mediaType());
        response.setHeader("Content-Disposition", "attachment; filename=\"" + export.fileName() + "\"");
        Map<String, String> headers = new LinkedHashMap<>();
        ViewEndpoints.position(headers, rows.lsn(), rows.committedAt());
        headers.forEach(response::setHeader);
        rows.writeTo(response.getOutputStream());
    }
}
