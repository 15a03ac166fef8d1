package io.millrace.gateway.people;

import io.millrace.gateway.door.Door;
import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Parameter;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import io.millrace.operations.access.User;
import io.millrace.operations.access.Users;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerResponse;
import tools.jackson.databind.JsonNode;

/** {@code /users}: who may sign in, and what they may do. */
public final class UserEndpoints {
    private static final int LONGEST = 200;
    private static final int MOST = 100;

    private static final Parameter<String> USER = Parameter.form(
                    "user", Pattern.compile("[a-z0-9][a-z0-9._@-]{0,63}"), "a user's name", "A user's name.")
            .inPath();

    private static final Map<String, Object> ROLES = Schema.array(Schema.text("A role."));
    private static final Map<String, Object> TENANTS =
            Schema.nullable(Schema.array(Schema.text("A tenant whose rows the person may see; none: all.")));
    private static final Map<String, Object> EMAIL = Schema.nullable(Schema.text("The person's mail address."));

    private static final Map<String, Object> LINK = Schema.members(
            "user", Described.USER,
            "link",
                    Schema.text(
                            "With which the person sets a password, on the page /account#<link>. Nobody can read it again."),
            "expiresAt", Schema.time("It is refused from then on."));

    private final Access access;
    private final Door door;

    public UserEndpoints(Access access, Door door) {
        this.access = access;
        this.door = door;
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.get(
                        "/users",
                        "listUsers",
                        Permission.USERS_MANAGE,
                        "Users",
                        "By name.",
                        List.of(),
                        Map.of("application/json", Schema.list("users", Described.USER)),
                        List.of(),
                        call -> Answers.json(
                                Map.of(
                                        "users",
                                        access.users().list().stream()
                                                .map(Described::user)
                                                .toList()),
                                headers -> {})),
                Endpoint.post(
                        "/users",
                        "createUser",
                        Permission.USERS_MANAGE,
                        "Add a user",
                        "Answers with a link with which the person sets a password. Nobody gives a role with a permission that they do not have.",
                        List.of(),
                        Schema.needing(
                                Schema.members(
                                        "user",
                                                Schema.text(
                                                        "Up to 64 small letters, digits and . _ @ -, beginning with a letter or digit."),
                                        "roles", ROLES,
                                        "tenants", TENANTS,
                                        "email", EMAIL),
                                "user",
                                "roles"),
                        LINK,
                        List.of(),
                        this::create),
                Endpoint.get(
                        "/users/{user}",
                        "getUser",
                        Permission.USERS_MANAGE,
                        "A user",
                        "Without secrets.",
                        List.of(USER),
                        Map.of("application/json", Described.USER),
                        List.of(Problem.Kind.NOT_FOUND),
                        call -> Answers.json(
                                Described.user(
                                        access.users().find(call.get(USER)).orElseThrow(() -> unknown(call.get(USER)))),
                                headers -> {})),
                Endpoint.post(
                        "/users/{user}/changes",
                        "changeUser",
                        Permission.USERS_MANAGE,
                        "Change a user",
                        "What is not said stays as it is. It takes effect within a second, also where the person is signed in.",
                        List.of(USER),
                        Schema.needing(Schema.members(
                                "roles",
                                Schema.nullable(ROLES),
                                "tenants",
                                TENANTS,
                                "email",
                                EMAIL,
                                "disabled",
                                Schema.nullable(Schema.truth("Whether nobody signs in with the name.")))),
                        Described.USER,
                        List.of(Problem.Kind.NOT_FOUND),
                        this::change),
                Endpoint.post(
                        "/users/{user}/links",
                        "createLink",
                        Permission.USERS_MANAGE,
                        "Make a link to set a password",
                        "The password goes on until the link is used; links of before are refused.",
                        List.of(USER),
                        Schema.members(
                                "secondFactor",
                                Schema.choice(
                                        "keep: it goes on; remove: it is gone and the person is signed out, for who has lost the device.",
                                        List.of("keep", "remove"))),
                        LINK,
                        List.of(Problem.Kind.NOT_FOUND),
                        this::link),
                Endpoint.get(
                        "/users/{user}/sessions",
                        "listSessions",
                        Permission.USERS_MANAGE,
                        "Where a user is signed in",
                        "Sessions, the newest first; also those that are over.",
                        List.of(USER),
                        Map.of("application/json", Schema.list("sessions", Described.SESSION)),
                        List.of(Problem.Kind.NOT_FOUND),
                        this::sessions),
                Endpoint.post(
                        "/users/{user}/session-ends",
                        "endSessions",
                        Permission.USERS_MANAGE,
                        "Sign a user out",
                        "Within a second everywhere.",
                        List.of(USER),
                        Schema.members("session", Schema.text("An id, or 'all'.")),
                        Schema.list("sessions", Described.SESSION),
                        List.of(Problem.Kind.NOT_FOUND),
                        this::endSessions));
    }

    private static Problem unknown(String user) {
        return new Problem(Problem.Kind.NOT_FOUND, "there is no user " + user, "GET /api/v1/users lists them");
    }

    private String known(Call call) {
        String name = call.get(USER);
        return access.users().find(name).map(User::name).orElseThrow(() -> unknown(name));
    }

    private ServerResponse create(Call call) throws IOException {
        JsonNode body = call.body();
        Tenants said = tenants(call, body);
        return link(access.users()
                .create(
                        call.needed(body, "user", LONGEST),
                        call.text(body, "email", LONGEST).orElse(null),
                        call.texts(body, "roles", MOST),
                        said == null ? Tenants.ALL : said,
                        call.origin()));
    }

    private ServerResponse change(Call call) throws IOException {
        JsonNode body = call.body();
        List<String> roles = isSaid(body, "roles") ? call.texts(body, "roles", MOST) : null;
        String email = call.text(body, "email", LONGEST).orElse(null);
        Boolean disabled = isSaid(body, "disabled") ? (Boolean) call.truth(body, "disabled") : null;
        Users.Change change = new Users.Change(roles, tenants(call, body), email, disabled);
        if (change.equals(new Users.Change(null, null, null, null))) {
            throw call.badBody("the body changes nothing");
        }
        Map<String, @Nullable Object> changed =
                Described.user(access.users().change(known(call), change, call.origin()));
        door.changed();
        return Answers.json(changed, headers -> {});
    }

    private static boolean isSaid(JsonNode body, String name) {
        return !body.path(name).isMissingNode() && !body.path(name).isNull();
    }

    private static @Nullable Tenants tenants(Call call, JsonNode body) {
        if (!isSaid(body, "tenants")) {
            return null;
        }
        // An empty list: all.
        return body.path("tenants").isArray() && body.path("tenants").isEmpty()
                ? Tenants.ALL
                : Tenants.of(call.texts(body, "tenants", MOST));
    }

    private ServerResponse link(Call call) throws IOException {
        boolean remove = call.word(call.body(), "secondFactor", List.of("keep", "remove"))
                .equals("remove");
        Users.Link link = access.users().link(known(call), remove, call.origin());
        door.changed();
        return link(link);
    }

    private static ServerResponse link(Users.Link link) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("user", Described.user(link.user()));
        answer.put("link", link.text().reveal());
        answer.put("expiresAt", link.expiresAt().toString());
        return Answers.json(answer, headers -> {});
    }

    private ServerResponse sessions(Call call) {
        return Answers.json(
                Map.of(
                        "sessions",
                        access.sessions().list(known(call)).stream()
                                .map(Described::session)
                                .toList()),
                headers -> {});
    }

    private ServerResponse endSessions(Call call) throws IOException {
        String which = call.needed(call.body(), "session", LONGEST);
        String user = known(call);
        if (which.equals("all")) {
            access.sessions().endAll(user, null, call.origin());
        } else {
            access.sessions().end(user, which, call.origin());
        }
        door.changed();
        return sessions(call);
    }
}
