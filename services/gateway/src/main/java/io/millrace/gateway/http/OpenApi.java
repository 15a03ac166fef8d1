package io.millrace.gateway.http;

import io.millrace.operations.access.Permission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The API as OpenAPI 3.1 describes it, made of the operations themselves. */
public final class OpenApi {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** What any operation may answer. */
    private static final List<Problem.Kind> ANY =
            List.of(Problem.Kind.BAD_PARAMETER, Problem.Kind.TOO_MANY, Problem.Kind.UNAVAILABLE, Problem.Kind.INTERNAL);

    private static final List<Problem.Kind> WITH_PERMISSION =
            List.of(Problem.Kind.NO_KEY, Problem.Kind.BAD_KEY, Problem.Kind.NOT_PERMITTED);

    private static final List<Problem.Kind> WITH_BODY = List.of(Problem.Kind.BAD_BODY, Problem.Kind.TOO_LARGE);

    private OpenApi() {}

    /** The operations, and one more that answers the document of all of them. */
    public static List<Endpoint> withDocument(List<Endpoint> endpoints) {
        List<Endpoint> all = new ArrayList<>(endpoints);
        List<byte[]> document = new ArrayList<>();
        Endpoint self = Endpoint.get(
                "/openapi.json",
                "getOpenApi",
                null,
                "This document",
                "The API as OpenAPI 3.1 describes it. No key is needed.",
                List.of(),
                Map.of("application/json", Map.of("type", "object")),
                List.of(),
                call -> Answers.bytes(
                        org.springframework.http.MediaType.APPLICATION_JSON, document.getFirst(), headers -> {}));
        all.add(self);
        document.add(JSON.writeValueAsBytes(document(all)));
        return List.copyOf(all);
    }

    /** As text, with indents. */
    public static String text(List<Endpoint> endpoints) {
        return JSON.writeValueAsString(document(endpoints)) + "\n";
    }

    private static Map<String, Object> document(List<Endpoint> endpoints) {
        Map<String, Object> paths = new LinkedHashMap<>();
        for (Endpoint endpoint : endpoints) {
            @SuppressWarnings("unchecked") // put in two lines above
            Map<String, Object> path = (Map<String, Object>)
                    paths.computeIfAbsent(Endpoint.BASE + endpoint.path(), at -> new LinkedHashMap<>());
            path.put(endpoint.method().name().toLowerCase(java.util.Locale.ROOT), operation(endpoint));
        }
        return ordered(
                "openapi",
                "3.1.0",
                "info",
                ordered(
                        "title", "Millrace",
                        "version", "1",
                        "description",
                                "Views of a source database, maintained by whole source transactions. Errors are problem details (RFC 9457) with a remedy."),
                "paths",
                paths,
                "components",
                ordered(
                        "securitySchemes",
                        ordered(
                                "key",
                                ordered(
                                        "type", "http",
                                        "scheme", "bearer",
                                        "description",
                                                "A key that 'millrace keys create' made. A key with "
                                                        + Arrays.stream(Permission.values())
                                                                .map(permission ->
                                                                        permission + " " + permission.description())
                                                                .collect(Collectors.joining("; with "))
                                                        + "."),
                                "session",
                                ordered(
                                        "type", "apiKey",
                                        "in", "cookie",
                                        "name", "__Host-millrace",
                                        "description",
                                                "The cookie of a person who is signed in, who may what the person's roles may. A request that changes something needs the header 'X-CSRF-Token' with it: 'csrf' of GET /api/v1/session.")),
                        "schemas",
                        ordered("Problem", problem())));
    }

    private static Map<String, Object> operation(Endpoint endpoint) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("operationId", endpoint.name());
        operation.put("summary", endpoint.summary());
        operation.put("description", endpoint.description());
        operation.put("security", security(endpoint));
        operation.put(
                "parameters",
                endpoint.parameters().stream().map(OpenApi::parameter).toList());
        Map<String, Object> body = endpoint.body();
        if (body != null) {
            operation.put(
                    "requestBody",
                    ordered("required", true, "content", ordered("application/json", ordered("schema", body))));
        }
        Map<String, Object> responses = new LinkedHashMap<>();
        Map<String, Object> content = new LinkedHashMap<>();
        endpoint.answers().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(answer -> content.put(answer.getKey(), ordered("schema", answer.getValue())));
        responses.put("200", ordered("description", endpoint.summary() + ".", "content", content));
        problems(endpoint).forEach(responses::put);
        operation.put("responses", responses);
        return operation;
    }

    private static List<Map<String, Object>> security(Endpoint endpoint) {
        List<String> permissions = Stream.ofNullable(endpoint.permission())
                .map(Permission::toString)
                .toList();
        if (endpoint.isOpen()) {
            return List.of();
        }
        return endpoint.ofPerson()
                ? List.of(Map.of("session", permissions))
                : List.of(Map.of("key", permissions), Map.of("session", permissions));
    }

    private static Map<String, Object> parameter(Parameter<?> parameter) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("name", parameter.name());
        described.put("in", parameter.place() == Parameter.Place.PATH ? "path" : "query");
        described.put("required", parameter.required());
        described.put("description", parameter.description());
        described.put(
                "schema",
                parameter.repeated() ? ordered("type", "array", "items", parameter.schema()) : parameter.schema());
        return described;
    }

    /** One answer for each status, which tells the types of problems that have it. */
    private static Map<String, Object> problems(Endpoint endpoint) {
        Map<String, Object> answers = new LinkedHashMap<>();
        Stream.of(
                        ANY,
                        endpoint.body() == null ? List.<Problem.Kind>of() : WITH_BODY,
                        endpoint.permission() == null ? List.<Problem.Kind>of() : WITH_PERMISSION,
                        endpoint.ofPerson()
                                ? List.of(Problem.Kind.NO_SESSION, Problem.Kind.BAD_KEY)
                                : List.<Problem.Kind>of(),
                        endpoint.body() == null ? List.<Problem.Kind>of() : List.of(Problem.Kind.FOREIGN_PAGE),
                        endpoint.problems())
                .flatMap(List::stream)
                .distinct()
                .sorted()
                .collect(Collectors.groupingBy(
                        kind -> String.valueOf(kind.status().value()), LinkedHashMap::new, Collectors.toList()))
                .forEach((status, kinds) -> answers.put(
                        status,
                        ordered(
                                "description",
                                kinds.stream()
                                        .map(kind -> kind.title() + " (" + kind.type() + ").")
                                        .collect(Collectors.joining(" ")),
                                "content",
                                ordered(
                                        "application/problem+json",
                                        ordered("schema", ordered("$ref", "#/components/schemas/Problem"))))));
        return answers;
    }

    private static Map<String, Object> problem() {
        Map<String, Map<String, Object>> members = new LinkedHashMap<>();
        members.put("type", Schema.text("The kind of problem, for programs."));
        members.put("title", Schema.text("The kind of problem, for people."));
        members.put("status", Schema.number("The status of the answer."));
        members.put("detail", Schema.text("What happened, with the names and values that it is about."));
        members.put("instance", Schema.text("The path that was asked for."));
        members.put("remedy", Schema.text("What to do."));
        return Schema.object(members);
    }

    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> ordered = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            ordered.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return ordered;
    }
}
