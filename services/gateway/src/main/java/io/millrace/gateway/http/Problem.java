package io.millrace.gateway.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.http.HttpStatus;

/** Why a request is not answered, as RFC 9457 has it, and what to do about it. */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final String remedy;
    private final Duration retryAfter;

    /** The kinds of problems: each has a name that programs can rely on. */
    public enum Kind {
        BAD_PARAMETER(HttpStatus.BAD_REQUEST, "A parameter is wrong"),
        BAD_FILTER(HttpStatus.BAD_REQUEST, "A filter is wrong"),
        BAD_CURSOR(HttpStatus.BAD_REQUEST, "The cursor is of another query"),
        BAD_BODY(HttpStatus.BAD_REQUEST, "The body is wrong"),
        BAD_MESSAGE(HttpStatus.BAD_REQUEST, "The message is wrong"),
        NO_UPGRADE(HttpStatus.UPGRADE_REQUIRED, "The path is one of WebSockets"),
        NO_KEY(HttpStatus.UNAUTHORIZED, "A key or a session is needed"),
        BAD_KEY(HttpStatus.UNAUTHORIZED, "The key is not accepted"),
        NO_SESSION(HttpStatus.UNAUTHORIZED, "Somebody has to be signed in"),
        BAD_SIGN_IN(HttpStatus.UNAUTHORIZED, "Name, password or code is wrong"),
        CODE_NEEDED(HttpStatus.UNAUTHORIZED, "A code of the second factor is needed"),
        BAD_LINK(HttpStatus.FORBIDDEN, "The link is not accepted"),
        FOREIGN_PAGE(HttpStatus.FORBIDDEN, "The request does not come from the gateway's own page"),
        NOT_PERMITTED(HttpStatus.FORBIDDEN, "The key or user does not have the permission"),
        NOT_FOUND(HttpStatus.NOT_FOUND, "There is no such thing"),
        NOT_ALLOWED(HttpStatus.METHOD_NOT_ALLOWED, "The path is there, and has no such method"),
        VIEW_CHANGED(HttpStatus.GONE, "The view has another definition now"),
        CONFLICT(HttpStatus.CONFLICT, "It is not in a state for that"),
        TOO_MANY(HttpStatus.TOO_MANY_REQUESTS, "Too many requests"),
        TOO_LARGE(HttpStatus.CONTENT_TOO_LARGE, "The body is too large"),
        READ_ONLY(HttpStatus.SERVICE_UNAVAILABLE, "Nothing is changed now"),
        UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, "The analytics database is unreachable"),
        NOT_FRESH(HttpStatus.GATEWAY_TIMEOUT, "The views have not come so far in time"),
        TOO_SLOW(HttpStatus.GATEWAY_TIMEOUT, "The query took too long"),
        BROKEN_REPORT(HttpStatus.INTERNAL_SERVER_ERROR, "The report cannot be computed"),
        INTERNAL(HttpStatus.INTERNAL_SERVER_ERROR, "A fault of the gateway");

        private final HttpStatus status;
        private final String title;

        Kind(HttpStatus status, String title) {
            this.status = status;
            this.title = title;
        }

        public HttpStatus status() {
            return status;
        }

        public String title() {
            return title;
        }

        /** Such as {@code urn:millrace:problem:bad-filter}. */
        public String type() {
            return "urn:millrace:problem:"
                    + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * @param detail what happened, with the names and values that it is about
     * @param remedy what to do
     */
    public Problem(Kind kind, String detail, String remedy) {
        this(kind, detail, remedy, kind == Kind.UNAVAILABLE ? Duration.ofSeconds(1) : Duration.ZERO);
    }

    /** @param retryAfter when it may succeed; zero: not by waiting */
    public Problem(Kind kind, String detail, String remedy, Duration retryAfter) {
        super(detail);
        this.kind = kind;
        this.remedy = remedy;
        this.retryAfter = retryAfter;
    }

    /** When it may succeed; zero: not by waiting. */
    public Duration retryAfter() {
        return retryAfter;
    }

    public Kind kind() {
        return kind;
    }

    /** What to do. */
    public String remedy() {
        return remedy;
    }

    /** The members of the answer. */
    public Map<String, Object> members(String instance) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", kind.type());
        members.put("title", kind.title);
        members.put("status", kind.status.value());
        members.put("detail", String.valueOf(getMessage()));
        members.put("instance", instance);
        members.put("remedy", remedy);
        return members;
    }
}
