package io.millrace.gateway.http;

import io.millrace.platform.failure.MillraceException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Writes problems as answers. */
public final class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Problems() {}

    /** What a failure is to who asked. Causes inside are for the log alone. */
    public static Problem of(Exception failure, String request) {
        if (failure instanceof Problem problem) {
            return problem;
        }
        if (failure instanceof MillraceException known) {
            return new Problem(
                    switch (known.category()) {
                        case USER -> Problem.Kind.BAD_PARAMETER;
                        case EXTERNAL, RESOURCE -> Problem.Kind.UNAVAILABLE;
                        case INTERNAL -> Problem.Kind.INTERNAL;
                    },
                    String.valueOf(known.getMessage()),
                    known.remedy());
        }
        String reference =
                HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        LOG.error("gateway: {} failed, reference {}", request, reference, failure);
        return new Problem(
                Problem.Kind.INTERNAL,
                "the request failed for a reason that is in the hub's log, under reference " + reference,
                "try again; if it stays so, tell whoever runs the hub the reference");
    }

    public static void write(Problem problem, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        write(problem, request.getRequestURI(), response);
    }

    /** @param instance path that was asked for */
    static void write(Problem problem, String instance, HttpServletResponse response) throws IOException {
        byte[] body = JSON.writeValueAsBytes(problem.members(instance));
        response.setStatus(problem.kind().status().value());
        response.setContentType("application/problem+json");
        response.setCharacterEncoding(StandardCharsets.UTF_8.name());
        response.setHeader("Cache-Control", "no-store");
        switch (problem.kind()) {
            case NO_KEY, BAD_KEY, NO_SESSION, BAD_SIGN_IN, CODE_NEEDED ->
                response.setHeader("WWW-Authenticate", "Bearer realm=\"millrace\"");
            default -> {}
        }
        if (problem.retryAfter().isPositive()) {
            response.setHeader(
                    "Retry-After",
                    String.valueOf(Math.ceilDiv(problem.retryAfter().toMillis(), 1_000)));
        }
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
