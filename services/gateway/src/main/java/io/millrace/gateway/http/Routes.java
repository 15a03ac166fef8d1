package io.millrace.gateway.http;

import io.millrace.operations.access.Caller;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.SignedIn;
import io.millrace.operations.settings.Flag;
import java.util.List;
import java.util.function.BooleanSupplier;
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

    /**
     * All operations, and a problem for every other path below {@link Endpoint#BASE}.
     *
     * @param readOnly whether nothing may be changed now
     */
    public static RouterFunction<ServerResponse> of(List<Endpoint> endpoints, BooleanSupplier readOnly) {
        RouterFunctions.Builder routes = RouterFunctions.route();
        for (Endpoint endpoint : endpoints) {
            routes.route(
                    RequestPredicates.method(endpoint.method())
                            .and(RequestPredicates.path(Endpoint.BASE + endpoint.path())),
                    request -> handle(endpoint, request, readOnly));
        }
        return routes.route(RequestPredicates.path(Endpoint.BASE + "/**"), request -> unknown(endpoints, request))
                .build();
    }

    private static ServerResponse handle(Endpoint endpoint, ServerRequest request, BooleanSupplier readOnly) {
        try {
            requirePermission(endpoint);
            requireWritable(endpoint, readOnly);
            return endpoint.handler().handle(new Call(request, endpoint));
        } catch (Exception failure) {
            return answer(Problems.of(failure, request.method() + " " + endpoint.path()));
        }
    }

    /** Flags can be set all the same, or nobody could end it here. */
    private static void requireWritable(Endpoint endpoint, BooleanSupplier readOnly) {
        if (endpoint.permission() != null
                && endpoint.body() != null
                && endpoint.permission() != Permission.SETTINGS_MANAGE
                && readOnly.getAsBoolean()) {
            throw new Problem(
                    Problem.Kind.READ_ONLY,
                    "flag " + Flag.GATEWAY_READ_ONLY + " is on: nothing is changed now",
                    "GET " + Endpoint.BASE + "/flags says why, and until when");
        }
    }

    /** The one place that decides: nobody is asked for an operation that does not pass here. */
    private static void requirePermission(Endpoint endpoint) {
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        Caller caller = who != null && who.getPrincipal() instanceof Caller known ? known : null;
        if (endpoint.ofPerson() && !(caller instanceof SignedIn)) {
            throw new Problem(
                    Problem.Kind.NO_SESSION,
                    caller == null ? "nobody is signed in" : caller.said() + " is not a person",
                    "sign in on the page /account, or with POST " + Endpoint.BASE + "/sign-ins");
        }
        Permission permission = endpoint.permission();
        if (permission != null) {
            requirePermission(permission, caller);
        }
    }

    /**
     * The one who asks, if there is a permission.
     *
     * @param caller null if nobody is known
     */
    public static Caller requirePermission(Permission permission, @Nullable Caller caller) {
        if (caller == null) {
            throw new Problem(
                    Problem.Kind.NO_KEY,
                    "the request has no key, and nobody is signed in",
                    "send the header 'Authorization: Bearer <key>', which 'millrace keys create' makes, or sign in on the page /account");
        }
        if (!caller.tenants().isAll() && !permission.isOfTenants()) {
            throw new Problem(
                    Problem.Kind.NOT_PERMITTED,
                    caller.said() + " is for tenants " + caller.tenants() + " only, and " + permission
                            + " cannot be limited to them",
                    "ask with a key or as a user for all tenants");
        }
        if (!caller.permissions().contains(permission)) {
            throw new Problem(
                    Problem.Kind.NOT_PERMITTED,
                    caller.said() + " does not have " + permission,
                    caller.remedy(permission));
        }
        return caller;
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
