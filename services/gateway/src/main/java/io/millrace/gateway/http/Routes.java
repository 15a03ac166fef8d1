package io.millrace.gateway.http;

import io.millrace.operations.access.ApiKey;
import io.millrace.operations.access.Permission;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/** Leads requests to their operations: after the check of who asks, and with a problem where there is no answer. */
public final class Routes {
    private Routes() {}

    /** All operations, and a problem for every other path below {@link Endpoint#BASE}. */
    public static RouterFunction<ServerResponse> of(List<Endpoint> endpoints) {
        RouterFunctions.Builder routes = RouterFunctions.route();
        for (Endpoint endpoint : endpoints) {
            routes.route(
                    RequestPredicates.method(endpoint.method())
                            .and(RequestPredicates.path(Endpoint.BASE + endpoint.path())),
                    request -> handle(endpoint, request));
        }
        return routes.route(RequestPredicates.path(Endpoint.BASE + "/**"), request -> unknown(endpoints, request))
                .build();
    }

    private static ServerResponse handle(Endpoint endpoint, ServerRequest request) {
        try {
            requirePermission(endpoint.permission());
            return endpoint.handler().handle(new Call(request, endpoint));
        } catch (Exception failure) {
            return answer(Problems.of(failure, request.method() + " " + endpoint.path()));
        }
    }

    /** The one place that decides: nobody is asked for an operation that does not pass here. */
    private static void requirePermission(@Nullable Permission permission) {
        if (permission == null) {
            return;
        }
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        requirePermission(permission, who != null && who.getPrincipal() instanceof ApiKey key ? key : null);
    }

    /**
     * The key, if it has a permission.
     *
     * @param key of the one who asks; null if there is none
     */
    public static ApiKey requirePermission(Permission permission, @Nullable ApiKey key) {
        if (key == null) {
            throw new Problem(
                    Problem.Kind.NO_KEY,
                    "the request has no key",
                    "send the header 'Authorization: Bearer <key>'; 'millrace keys create' makes one");
        }
        if (!key.tenants().isAll() && !permission.isOfTenants()) {
            throw new Problem(
                    Problem.Kind.NOT_PERMITTED,
                    "key " + key.id() + " is for tenants " + key.tenants() + " only, and " + permission
                            + " cannot be limited to them",
                    "use a key for all tenants");
        }
        if (!key.permissions().contains(permission)) {
            throw new Problem(
                    Problem.Kind.NOT_PERMITTED,
                    "key " + key.id() + " does not have " + permission,
                    "create a key with it: millrace keys create --name <name> --permission " + permission);
        }
        return key;
    }

    private static ServerResponse unknown(List<Endpoint> endpoints, ServerRequest request) {
        List<String> methods = endpoints.stream()
                .filter(endpoint ->
                        RequestPredicates.path(Endpoint.BASE + endpoint.path()).test(request))
                .map(endpoint -> endpoint.method().name())
                .distinct()
                .toList();
        return answer(
                methods.isEmpty()
                        ? new Problem(
                                Problem.Kind.NOT_FOUND,
                                "there is no " + request.path(),
                                "see the paths in " + Endpoint.BASE + "/openapi.json")
                        : new Problem(
                                Problem.Kind.NOT_ALLOWED,
                                request.path() + " cannot be asked with " + request.method(),
                                "ask with " + String.join(", ", methods)));
    }

    private static ServerResponse answer(Problem problem) {
        return ServerResponse.status(problem.kind().status()).build((request, response) -> {
            Problems.write(problem, request, response);
            return null;
        });
    }
}
