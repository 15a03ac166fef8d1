package io.millrace.gateway.http;

import io.millrace.operations.access.Permission;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * One operation of the API: what it takes, who may call it, and what it answers. Routes, the check of permissions and the OpenAPI
 * document are made of it, so none of them can lack it.
 *
 * @param name of the operation, for programs that are generated from the document
 * @param path below {@code /api/v1}
 * @param permission null for what anybody may call, or any person who is signed in
 * @param ofPerson whether it is a person's own: keys do not call it
 * @param body schema of what a request brings; null if it brings nothing
 * @param answers by media type: the schema of a body
 * @param problems beside those that every operation has
 */
public record Endpoint(
        HttpMethod method,
        String path,
        String name,
        @Nullable Permission permission,
        boolean ofPerson,
        String summary,
        String description,
        List<Parameter<?>> parameters,
        @Nullable Map<String, Object> body,
        Map<String, Map<String, Object>> answers,
        List<Problem.Kind> problems,
        Handler handler) {

    /** One that is read. */
    public static Endpoint get(
            String path,
            String name,
            @Nullable Permission permission,
            String summary,
            String description,
            List<Parameter<?>> parameters,
            Map<String, Map<String, Object>> answers,
            List<Problem.Kind> problems,
            Handler handler) {
        return new Endpoint(
                HttpMethod.GET,
                path,
                name,
                permission,
                false,
                summary,
                description,
                parameters,
                null,
                answers,
                problems,
                handler);
    }

    /** One by which something is decided. */
    public static Endpoint post(
            String path,
            String name,
            @Nullable Permission permission,
            String summary,
            String description,
            List<Parameter<?>> parameters,
            Map<String, Object> body,
            Map<String, Object> answer,
            List<Problem.Kind> problems,
            Handler handler) {
        return new Endpoint(
                HttpMethod.POST,
                path,
                name,
                permission,
                false,
                summary,
                description,
                parameters,
                body,
                Map.of("application/json", answer),
                problems,
                handler);
    }

    /** The same, for a person who is signed in. */
    public Endpoint forPerson() {
        return new Endpoint(
                method,
                path,
                name,
                permission,
                true,
                summary,
                description,
                parameters,
                body,
                answers,
                problems,
                handler);
    }

    /** Whether anybody may call it. */
    public boolean isOpen() {
        return permission == null && !ofPerson;
    }

    /** Where every path begins. */
    public static final String BASE = "/api/v1";

    /** Does the work. */
    @FunctionalInterface
    public interface Handler {
        ServerResponse handle(Call call) throws Exception;
    }
}
