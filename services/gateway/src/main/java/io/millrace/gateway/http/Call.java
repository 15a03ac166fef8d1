package io.millrace.gateway.http;

import io.millrace.operations.access.Caller;
import io.millrace.operations.access.Origin;
import io.millrace.operations.access.SignedIn;
import io.millrace.operations.access.Tenants;
import io.millrace.platform.failure.Suggestion;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.servlet.function.ServerRequest;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A request whose parameters are as its operation declares them. */
public final class Call {
    private static final int LARGEST_BODY = 64 * 1024;
    private static final int LONGEST_WORD = 100;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ServerRequest request;
    private final Endpoint endpoint;
    private final Arguments arguments;

    /** @throws Problem if a parameter is wrong, or not one of the operation's */
    Call(ServerRequest request, Endpoint endpoint) {
        this.request = request;
        this.endpoint = endpoint;
        Map<String, List<String>> said = new LinkedHashMap<>(request.params());
        endpoint.parameters().stream()
                .filter(parameter -> parameter.place() == Parameter.Place.PATH)
                .forEach(parameter -> {
                    if (said.put(parameter.name(), List.of(request.pathVariable(parameter.name()))) != null) {
                        throw new Problem(
                                Problem.Kind.BAD_PARAMETER,
                                "there is no parameter '" + parameter.name() + "': it is a part of the path",
                                "leave it out");
                    }
                });
        this.arguments = new Arguments(endpoint.parameters(), said);
    }

    /** The values of the operation's parameters. */
    public Arguments arguments() {
        return arguments;
    }

    /** The value, or what is taken where the request has none. */
    public <T> T get(Parameter<T> parameter) {
        return arguments.get(parameter);
    }

    /** The value, or what is taken where the request has none; empty if that is nothing. */
    public <T> Optional<T> optional(Parameter<T> parameter) {
        return arguments.optional(parameter);
    }

    /** Who asks; only of operations that need a permission. */
    public Caller who() {
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        if (who == null || !(who.getPrincipal() instanceof Caller caller)) {
            throw new IllegalStateException("nobody asks");
        }
        return caller;
    }

    /**
     * What the request brings.
     *
     * @throws Problem if it is too large or no JSON object with members of the operation's schema
     */
    public JsonNode body() throws IOException {
        byte[] bytes = request.servletRequest().getInputStream().readNBytes(LARGEST_BODY + 1);
        if (bytes.length > LARGEST_BODY) {
            throw new Problem(
                    Problem.Kind.TOO_LARGE, "the body has more than " + LARGEST_BODY + " bytes", "send a smaller one");
        }
        JsonNode body;
        try {
            body = JSON.readTree(bytes);
        } catch (JacksonException wrong) {
            throw badBody("the body is no JSON: " + wrong.getOriginalMessage());
        }
        if (!body.isObject()) {
            throw badBody("the body is not an object");
        }
        List<String> names = bodyMembers();
        for (String name : body.propertyNames()) {
            if (!names.contains(name)) {
                throw badBody("the body has no member '" + Arguments.shown(name) + "'" + Suggestion.of(name, names));
            }
        }
        return body;
    }

    /** Of the body: a text of at most so many characters; empty if it is not there, or null. */
    public Optional<String> text(JsonNode body, String name, int longest) {
        JsonNode value = body.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString()
                || value.asString().length() > longest
                || value.asString().chars().anyMatch(c -> c < ' ' && c != '\n' && c != '\t')) {
            throw badBody("'" + name + "' is not a text of at most " + longest + " characters");
        }
        return Optional.of(value.asString());
    }

    /** Of the body: a list of texts, from one to so many. */
    public List<String> texts(JsonNode body, String name, int most) {
        JsonNode value = body.path(name);
        if (!value.isArray()
                || value.isEmpty()
                || value.size() > most
                || value.valueStream().anyMatch(each -> !each.isString())) {
            throw badBody("'" + name + "' is not a list of 1 to " + most + " texts");
        }
        return value.valueStream().map(JsonNode::asString).toList();
    }

    /** Of the body: true or false. */
    public boolean truth(JsonNode body, String name) {
        if (!body.path(name).isBoolean()) {
            throw badBody("'" + name + "' is not true or false");
        }
        return body.path(name).asBoolean();
    }

    /** Of the body: one of these words. */
    public String word(JsonNode body, String name, Collection<String> words) {
        String word = text(body, name, LONGEST_WORD).orElseThrow(() -> badBody("'" + name + "' is missing"));
        if (!words.contains(word)) {
            throw badBody("'" + name + "' is not one of " + String.join(", ", words));
        }
        return word;
    }

    /** The person who asks; only of operations of people. */
    public SignedIn person() {
        if (who() instanceof SignedIn person) {
            return person;
        }
        throw new IllegalStateException("nobody is signed in");
    }

    /** The address that asks. */
    public String address() {
        return request.servletRequest().getRemoteAddr();
    }

    /** Who changes something. */
    public Origin origin() {
        return Origin.of(who(), address());
    }

    /** Of the body: a text that must be there. */
    public String needed(JsonNode body, String name, int longest) {
        return text(body, name, longest)
                .filter(text -> !text.isBlank())
                .orElseThrow(() -> badBody("'" + name + "' is missing"));
    }

    /** Whose rows the one who asks may see. */
    public Tenants tenants() {
        return who().tenants();
    }

    /** Who asks, as it is kept with what they decide. */
    public String by() {
        return who().by();
    }

    /** With what the body may have as the remedy. */
    public Problem badBody(String detail) {
        return new Problem(
                Problem.Kind.BAD_BODY, detail, "send a JSON object with " + String.join(", ", bodyMembers()));
    }

    private List<String> bodyMembers() {
        Map<String, Object> schema = endpoint.body();
        return schema != null && schema.get("properties") instanceof Map<?, ?> members
                ? members.keySet().stream().map(String::valueOf).toList()
                : List.of();
    }

    /** What was asked for, as it is encoded, without the server's name, which a proxy may have another of. */
    public String pathAndQuery() {
        String query = request.uri().getRawQuery();
        return request.uri().getRawPath() + (query == null ? "" : "?" + query);
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
