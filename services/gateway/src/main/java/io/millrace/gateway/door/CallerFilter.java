package io.millrace.gateway.door;

import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Problems;
import io.millrace.operations.access.AccessEvent;
import io.millrace.operations.access.ApiKey;
import io.millrace.operations.access.Caller;
import io.millrace.operations.access.SignedIn;
import io.millrace.operations.access.Token;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Puts whoever asks into the security context: the key of the request's header, or else the person of its cookie. A key that is not
 * accepted ends the request, as does a request of a foreign page.
 */
public final class CallerFilter extends OncePerRequestFilter {
    private static final Set<String> HARMLESS = Set.of("GET", "HEAD", "OPTIONS");
    private static final String SOMEBODY = "somebody";

    private final Door door;
    private final Limits limits;

    public CallerFilter(Door door, Limits limits) {
        this.door = door;
        this.limits = limits;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Caller caller = null;
        try {
            caller = authenticate(request, response);
        } catch (Problem problem) {
            Problems.write(problem, request, response);
            refused(problem.kind(), null, request);
            return;
        }
        chain.doFilter(request, response);
        if (response.getStatus() == Problem.Kind.NOT_PERMITTED.status().value()) {
            refused(Problem.Kind.NOT_PERMITTED, caller, request);
        }
    }

    private void refused(Problem.Kind kind, @Nullable Caller caller, HttpServletRequest request) {
        String who = caller == null ? SOMEBODY : caller.said();
        String what = request.getMethod() + " " + request.getRequestURI();
        switch (kind) {
            case BAD_KEY -> door.refused(AccessEvent.Kind.KEY_REFUSED, who, request.getRemoteAddr(), what);
            case TOO_MANY -> door.refused(AccessEvent.Kind.TOO_MANY_REQUESTS, who, request.getRemoteAddr(), what);
            case NOT_PERMITTED, FOREIGN_PAGE ->
                door.refused(AccessEvent.Kind.NOT_PERMITTED, who, request.getRemoteAddr(), what);
            default -> {}
        }
    }

    private @Nullable Caller authenticate(HttpServletRequest request, HttpServletResponse response) {
        String header = request.getHeader("Authorization");
        String address = request.getRemoteAddr();
        if (header != null) {
            ApiKey key = accepted(header, address, response);
            limits.ofCaller(key, response);
            return known(key);
        }
        Optional<Token> cookie = SessionCookie.of(request);
        // A session that is over is nobody: the page signs in again.
        Optional<SignedIn> person =
                cookie.flatMap(text -> door.person(text, () -> limits.requireLeft(address, response)));
        requireOwnPage(request, person.isPresent() ? cookie.get() : null);
        if (person.isEmpty()) {
            limits.ofAddress(address, response);
            return null;
        }
        limits.ofCaller(person.get(), response);
        return known(person.get());
    }

    /** Whoever tries keys is slowed down, and then costs the database nothing. */
    private ApiKey accepted(String header, String address, HttpServletResponse response) {
        try {
            return door.key(header, address, () -> limits.requireLeft(address, response));
        } catch (Problem refused) {
            if (refused.kind() == Problem.Kind.BAD_KEY) {
                limits.ofAddress(address, response);
            }
            throw refused;
        }
    }

    /**
     * A request without a key that changes something comes from a page. A foreign one cannot hide where it is, or cannot know the
     * session's second secret.
     *
     * @param session null if nobody is signed in
     */
    private static void requireOwnPage(HttpServletRequest request, @Nullable Token session) {
        if (HARMLESS.contains(request.getMethod())) {
            return;
        }
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            throw foreign("it comes from another site");
        }
        String origin = request.getHeader("Origin");
        if (origin != null && !origin.replaceFirst("^https?://", "").equalsIgnoreCase(request.getHeader("Host"))) {
            throw foreign("its header 'Origin' is another than its header 'Host'");
        }
        if (session != null && !same(SessionCookie.csrf(session), request.getHeader(SessionCookie.CSRF_HEADER))) {
            throw foreign("its header '" + SessionCookie.CSRF_HEADER + "' is not 'csrf' of the session");
        }
    }

    private static boolean same(String expected, @Nullable String sent) {
        return sent != null
                && MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.UTF_8), sent.getBytes(StandardCharsets.UTF_8));
    }

    private static Problem foreign(String detail) {
        return new Problem(
                Problem.Kind.FOREIGN_PAGE,
                "the request is not one of the gateway's own page: " + detail,
                "programs send a key; a page sends '" + SessionCookie.CSRF_HEADER
                        + "', which GET /api/v1/session tells");
    }

    private static Caller known(Caller caller) {
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(caller, null, List.of()));
        SecurityContextHolder.setContext(context);
        return caller;
    }
}
