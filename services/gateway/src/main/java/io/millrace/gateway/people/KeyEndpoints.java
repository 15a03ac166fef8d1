package io.millrace.gateway.people;

import io.millrace.gateway.door.Door;
import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Parameter;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.Until;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.ApiKey;
import io.millrace.operations.access.ApiKeys;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerResponse;
import tools.jackson.databind.JsonNode;

/** {@code /keys} and {@code /roles}: what programs and people may do. */
public final class KeyEndpoints {
    private static final int LONGEST = 200;
    private static final int MOST = 100;

    private static final Parameter<String> KEY = Parameter.form(
                    "key", Pattern.compile("[0-9a-f]{12}"), "12 hexadecimal digits", "A key's id.")
            .inPath();

    private static final Map<String, Object> PERMISSIONS =
            Schema.array(Schema.choice("A permission.", Described.PERMISSIONS));

    private static final Map<String, Object> CREATED =
            Schema.members("key", Described.KEY, "text", Schema.text("The whole key. Nobody can read it again."));

    private final Access access;
    private final Door door;

    public KeyEndpoints(Access access, Door door) {
        this.access = access;
        this.door = door;
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.get(
                        "/keys",
                        "listKeys",
                        Permission.KEYS_MANAGE,
                        "API keys",
                        "The newest first, without their secrets.",
                        List.of(),
                        Map.of("application/json", Schema.list("keys", Described.KEY)),
                        List.of(),
                        call -> Answers.json(
                                Map.of(
                                        "keys",
                                        access.keys().list().stream()
                                                .map(Described::key)
                                                .toList()),
                                headers -> {})),
                Endpoint.post(
                        "/keys",
                        "createKey",
                        Permission.KEYS_MANAGE,
                        "Create an API key",
                        "Nobody gives a permission that they do not have.",
                        List.of(),
                        Schema.needing(
                                Schema.members(
                                        "name", Schema.text("What it is for."),
                                        "permissions", PERMISSIONS,
                                        "tenants",
                                                Schema.nullable(Schema.array(
                                                        Schema.text("A tenant whose rows it may see; none: all."))),
                                        "expires",
                                                Schema.nullable(
                                                        Schema.text(
                                                                "A date (2026-12-31), an instant (2026-12-31T18:00:00Z), or from now: 12h, 90d. Never, if it is not said."))),
                                "name",
                                "permissions"),
                        CREATED,
                        List.of(),
                        this::create),
                Endpoint.post(
                        "/keys/{key}/rotations",
                        "rotateKey",
                        Permission.KEYS_MANAGE,
                        "Replace an API key",
                        "Creates a key that may do the same. The old one is accepted for the overlap, in which programs change over.",
                        List.of(KEY),
                        Schema.members("overlap", Schema.text("From now: 0s, 12h, 7d.")),
                        CREATED,
                        List.of(Problem.Kind.NOT_FOUND),
                        this::rotate),
                Endpoint.post(
                        "/keys/{key}/revocations",
                        "revokeKey",
                        Permission.KEYS_MANAGE,
                        "Revoke an API key",
                        "It is refused within a second, at every gateway.",
                        List.of(KEY),
                        Schema.members("reason", Schema.text("Why, for the audit trail.")),
                        Described.KEY,
                        List.of(Problem.Kind.NOT_FOUND),
                        this::revoke),
                Endpoint.get(
                        "/roles",
                        "listRoles",
                        Permission.USERS_MANAGE,
                        "Roles",
                        "The built-in ones first.",
                        List.of(),
                        Map.of("application/json", Schema.list("roles", Described.ROLE)),
                        List.of(),
                        call -> roles()),
                Endpoint.post(
                        "/roles",
                        "setRole",
                        Permission.USERS_MANAGE,
                        "Make or change a role",
                        "One that is not built in. Nobody gives a permission that they do not have.",
                        List.of(),
                        Schema.members(
                                "role", Schema.text("Small letters, digits and hyphens."),
                                "description", Schema.text("What it is for."),
                                "permissions", PERMISSIONS),
                        Schema.list("roles", Described.ROLE),
                        List.of(),
                        this::setRole),
                Endpoint.post(
                        "/role-removals",
                        "removeRole",
                        Permission.USERS_MANAGE,
                        "Remove a role",
                        "One that nobody has.",
                        List.of(),
                        Schema.members("role", Schema.text("Its name.")),
                        Schema.list("roles", Described.ROLE),
                        List.of(),
                        this::removeRole));
    }

    private ServerResponse create(Call call) throws IOException {
        JsonNode body = call.body();
        boolean ofAll = body.path("tenants").isMissingNode()
                || body.path("tenants").isNull()
                || body.path("tenants").isArray() && body.path("tenants").isEmpty();
        return created(access.keys()
                .create(
                        call.needed(body, "name", LONGEST),
                        permissions(call, body),
                        ofAll ? Tenants.ALL : Tenants.of(call.texts(body, "tenants", MOST)),
                        expires(call, body),
                        call.origin()));
    }

    private static Set<Permission> permissions(Call call, JsonNode body) {
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        call.texts(body, "permissions", MOST).forEach(text -> permissions.add(Permission.of(text)));
        return permissions;
    }

    private static @Nullable Instant expires(Call call, JsonNode body) {
        String text = call.text(body, "expires", LONGEST).orElse(null);
        return text == null ? null : time(call, "expires", text);
    }

    private static Instant time(Call call, String name, String text) {
        try {
            return Until.parse(text, Instant.now());
        } catch (MillraceException noTime) {
            throw call.badBody("'" + name + "' is " + noTime.getMessage());
        }
    }

    private ServerResponse rotate(Call call) throws IOException {
        JsonNode body = call.body();
        String overlap = call.needed(body, "overlap", LONGEST);
        Instant now = Instant.now();
        Duration lasting =
                overlap.matches("0[smhd]?") ? Duration.ZERO : Duration.between(now, time(call, "overlap", overlap));
        if (lasting.isNegative()) {
            throw call.badBody("'overlap' is in the past");
        }
        ApiKeys.Created created = access.keys().rotate(known(call), lasting, call.origin());
        door.changed();
        return created(created);
    }

    private String known(Call call) {
        String id = call.get(KEY);
        return access.keys()
                .find(id)
                .map(ApiKey::id)
                .orElseThrow(() ->
                        new Problem(Problem.Kind.NOT_FOUND, "there is no key " + id, "GET /api/v1/keys lists them"));
    }

    private static ServerResponse created(ApiKeys.Created created) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("key", Described.key(created.key()));
        answer.put("text", created.text().reveal());
        return Answers.json(answer, headers -> {});
    }

    private ServerResponse revoke(Call call) throws IOException {
        String reason = call.needed(call.body(), "reason", LONGEST);
        Map<String, @Nullable Object> revoked = Described.key(access.keys().revoke(known(call), reason, call.origin()));
        door.changed();
        return Answers.json(revoked, headers -> {});
    }

    private ServerResponse roles() {
        return Answers.json(
                Map.of(
                        "roles",
                        access.roles().list().stream().map(Described::role).toList()),
                headers -> {});
    }

    private ServerResponse setRole(Call call) throws IOException {
        JsonNode body = call.body();
        access.roles()
                .set(
                        call.needed(body, "role", LONGEST),
                        call.needed(body, "description", LONGEST),
                        permissions(call, body),
                        call.origin());
        door.changed();
        return roles();
    }

    private ServerResponse removeRole(Call call) throws IOException {
        access.roles().remove(call.needed(call.body(), "role", LONGEST), call.origin());
        return roles();
    }
}
