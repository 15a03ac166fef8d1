package io.millrace.gateway.http;

import io.millrace.platform.failure.Suggestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerRequest;

/** A request whose parameters are as its operation declares them. */
public final class Call {
    private static final int SHOWN = 100;

    private final ServerRequest request;
    private final Map<Parameter<?>, List<Object>> values = new HashMap<>();

    /** @throws Problem if a parameter is wrong, or not one of the operation's */
    Call(ServerRequest request, Endpoint endpoint) {
        this.request = request;
        List<String> names = endpoint.parameters().stream()
                .filter(parameter -> parameter.place() == Parameter.Place.QUERY)
                .map(Parameter::name)
                .toList();
        for (String said : request.params().keySet()) {
            if (!names.contains(said)) {
                throw new Problem(
                        Problem.Kind.BAD_PARAMETER,
                        "there is no parameter '" + shown(said) + "'" + Suggestion.of(said, names),
                        names.isEmpty() ? "leave it out" : "parameters are " + String.join(", ", names));
            }
        }
        for (Parameter<?> parameter : endpoint.parameters()) {
            values.put(parameter, parsed(parameter));
        }
    }

    private List<Object> parsed(Parameter<?> parameter) {
        List<String> said = parameter.place() == Parameter.Place.PATH
                ? List.of(request.pathVariable(parameter.name()))
                : request.params().getOrDefault(parameter.name(), List.of());
        if (said.size() > 1 && !parameter.repeated()) {
            throw new Problem(
                    Problem.Kind.BAD_PARAMETER,
                    parameter.name() + " is there " + said.size() + " times",
                    "say it once");
        }
        List<Object> parsed = new ArrayList<>();
        for (String text : said) {
            try {
                parsed.add(parameter.parse().apply(text));
            } catch (IllegalArgumentException wrong) {
                throw new Problem(
                        Problem.Kind.BAD_PARAMETER,
                        parameter.name() + " is '" + shown(text) + "'",
                        String.valueOf(wrong.getMessage()));
            }
        }
        return parsed;
    }

    private static String shown(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() > SHOWN ? printable.substring(0, SHOWN) + "…" : printable;
    }

    /** The value, or what is taken where the request has none. */
    public <T> T get(Parameter<T> parameter) {
        return optional(parameter).orElseThrow(() -> new IllegalStateException(parameter.name() + " has no fallback"));
    }

    /** The value, or what is taken where the request has none; empty if that is nothing. */
    public <T> Optional<T> optional(Parameter<T> parameter) {
        List<T> all = all(parameter);
        @Nullable T fallback = parameter.fallback();
        return all.isEmpty() ? Optional.ofNullable(fallback) : Optional.of(all.getFirst());
    }

    /** Every value that the request has. */
    @SuppressWarnings("unchecked") // values are put in by their parameters
    public <T> List<T> all(Parameter<T> parameter) {
        List<Object> found = values.get(parameter);
        if (found == null) {
            throw new IllegalStateException(parameter.name() + " is not declared");
        }
        return (List<T>) found;
    }

    /** Whether the one who asks has the answer of this ETag already. */
    public boolean hasNoneMatch(String etag) {
        return request.headers().header("If-None-Match").stream()
                .flatMap(header -> Arrays.stream(header.split(",", -1)))
                .anyMatch(each -> each.strip().equals(etag));
    }

    /** The request itself. */
    public ServerRequest request() {
        return request;
    }
}
