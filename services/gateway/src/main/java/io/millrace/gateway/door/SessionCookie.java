package io.millrace.gateway.door;

import io.millrace.operations.access.Session;
import io.millrace.operations.access.Token;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.http.ResponseCookie;

/** The cookie of a session. Scripts cannot read it, other sites cannot have it sent, and no other host can set it. */
public final class SessionCookie {
    /** Browsers take a cookie of such a name only if it is secure, for the whole host and no other. */
    public static final String NAME = "__Host-millrace";

    /** In which a page of the gateway proves that it is one. */
    public static final String CSRF_HEADER = "X-CSRF-Token";

    private SessionCookie() {}

    /** What a request has; empty if it has none, or something else under that name. */
    static Optional<Token> of(HttpServletRequest request) {
        return Stream.ofNullable(request.getCookies())
                .flatMap(Arrays::stream)
                .filter(cookie -> cookie.getName().equals(NAME))
                .map(Cookie::getValue)
                .findFirst()
                .flatMap(value -> Token.parse(Token.Kind.SESSION, value));
    }

    /** What a page sends back in {@value #CSRF_HEADER}. */
    public static String csrf(Token text) {
        return text.derived("csrf");
    }

    /** What a request of this session's page sends back. */
    public static Optional<String> csrf(HttpServletRequest request) {
        return of(request).map(SessionCookie::csrf);
    }

    /** The value of header {@code Set-Cookie}. */
    public static String set(Token text) {
        return cookie(text.reveal(), Session.LONGEST);
    }

    /** The value of header {@code Set-Cookie} that takes it away. */
    public static String clear() {
        return cookie("", Duration.ZERO);
    }

    private static String cookie(String value, Duration age) {
        return ResponseCookie.from(NAME, value)
                .secure(true)
                .httpOnly(true)
                .sameSite("Strict")
                .path("/")
                .maxAge(age)
                .build()
                .toString();
    }
}
