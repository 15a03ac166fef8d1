package io.millrace.gateway.http;

import io.millrace.platform.failure.Suggestion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Values of declared parameters, whether they came in a request's query or in a message. */
public final class Arguments {
    private static final int SHOWN = 100;

    private final Map<Parameter<?>, List<Object>> values = new HashMap<>();

    /**
     * @param said texts by name
     * @throws Problem if one is wrong, or is not declared
     */
    public Arguments(List<Parameter<?>> declared, Map<String, List<String>> said) {
        List<String> names = declared.stream()
                .filter(parameter -> parameter.place() == Parameter.Place.QUERY)
                .map(Parameter::name)
                .toList();
        List<String> all = declared.stream().map(Parameter::name).toList();
        for (String name : said.keySet()) {
            if (!all.contains(name)) {
                throw new Problem(
                        Problem.Kind.BAD_PARAMETER,
                        "there is no parameter '" + shown(name) + "'" + Suggestion.of(name, names),
                        names.isEmpty() ? "leave it out" : "parameters are " + String.join(", ", names));
            }
        }
        for (Parameter<?> parameter : declared) {
            values.put(parameter, parsed(parameter, said.getOrDefault(parameter.name(), List.of())));
        }
    }

    private static List<Object> parsed(Parameter<?> parameter, List<String> said) {
        if (said.size() > 1 && !parameter.repeated()) {
            throw new Problem(
                    Problem.Kind.BAD_PARAMETER,
                    parameter.name() + " is there " + said.size() + " times",
                    "say it once");
        }
        if (said.isEmpty() && parameter.required()) {
            throw new Problem(Problem.Kind.BAD_PARAMETER, parameter.name() + " is missing", parameter.description());
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

    /** A text of the one who asks, for a message. */
    public static String shown(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() > SHOWN ? printable.substring(0, SHOWN) + "…" : printable;
    }

    /** The value, or what is taken where there is none. */
    public <T> T get(Parameter<T> parameter) {
        return optional(parameter).orElseThrow(() -> new IllegalStateException(parameter.name() + " has no fallback"));
    }

    /** The value, or what is taken where there is none; empty if that is nothing. */
    public <T> Optional<T> optional(Parameter<T> parameter) {
        List<T> all = all(parameter);
        @Nullable T fallback = parameter.fallback();
        return all.isEmpty() ? Optional.ofNullable(fallback) : Optional.of(all.getFirst());
    }

    /** Every value that is there. */
    @SuppressWarnings("unchecked") // values are put in by their parameters
    public <T> List<T> all(Parameter<T> parameter) {
        List<Object> found = values.get(parameter);
        if (found == null) {
            throw new IllegalStateException(parameter.name() + " is not declared");
        }
        return (List<T>) found;
    }
}
