package io.millrace.gateway.people;

import io.millrace.gateway.http.Schema;
import io.millrace.operations.access.ApiKey;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Role;
import io.millrace.operations.access.Session;
import io.millrace.operations.access.SignedIn;
import io.millrace.operations.access.User;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is told of people and keys. */
final class Described {
    static final List<String> PERMISSIONS =
            Arrays.stream(Permission.values()).map(Permission::toString).toList();

    static final Map<String, Object> USER = Schema.members(
            "user", Schema.text("The name with which the person signs in."),
            "email", Schema.nullable(Schema.text("The person's mail address.")),
            "state", Schema.choice("What the person can do.", List.of("invited", "active", "disabled")),
            "roles", Schema.array(Schema.text("A role.")),
            "tenants", Schema.array(Schema.text("A tenant whose rows the person may see; none: all.")),
            "secondFactor", Schema.truth("Whether signing in takes a code."),
            "createdAt", Schema.time("When the person was added."),
            "createdBy", Schema.text("Who added the person."),
            "lastSignInAt", Schema.nullable(Schema.time("When the person signed in last.")));

    static final Map<String, Object> SESSION = Schema.members(
            "session", Schema.text("Its id."),
            "state", Schema.choice("Whether it goes on.", List.of("in force", "ended", "expired")),
            "signedInAt", Schema.time("When it began."),
            "lastSeenAt", Schema.time("When it was used last, to about a minute."),
            "expiresAt", Schema.time("When it ends at the latest."),
            "address", Schema.text("Address of the device, when it signed in."),
            "agent", Schema.text("What the browser said that it is."),
            "secondFactor", Schema.truth("Whether a code was given."),
            "endedBy", Schema.nullable(Schema.text("Who ended it.")));

    static final Map<String, Object> SIGNED_IN = Schema.members(
            "user", USER,
            "session", SESSION,
            "permissions", Schema.array(Schema.text("What this session may do.")),
            "withheld",
                    Schema.array(
                            Schema.text(
                                    "What the roles allow and this session does not: it needs a second factor, or cannot be limited to tenants.")),
            "csrf", Schema.text("What header X-CSRF-Token of a request that changes something has to be."));

    static final Map<String, Object> ROLE = Schema.members(
            "role", Schema.text("Its name."),
            "description", Schema.text("What it is for."),
            "permissions", Schema.array(Schema.text("What it may do.")),
            "builtIn", Schema.truth("Whether it cannot be changed."));

    static final Map<String, Object> KEY = Schema.members(
            "key", Schema.text("The part of the key that people may see."),
            "name", Schema.text("What it is for."),
            "state", Schema.choice("Whether it is accepted.", List.of("in force", "expired", "revoked")),
            "permissions", Schema.array(Schema.text("What it may do.")),
            "tenants", Schema.array(Schema.text("A tenant whose rows it may see; none: all.")),
            "createdAt", Schema.time("When it was created."),
            "createdBy", Schema.text("Who created it."),
            "expiresAt", Schema.nullable(Schema.time("It is refused from then on.")),
            "lastUsedAt", Schema.nullable(Schema.time("When it was used last, to some seconds.")),
            "lastUsedFrom", Schema.nullable(Schema.text("The address from which it was used last.")));

    private Described() {}

    static Map<String, @Nullable Object> user(User user) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("user", user.name());
        described.put("email", user.email());
        described.put("state", user.state());
        described.put("roles", user.roles());
        described.put("tenants", user.tenants().names());
        described.put("secondFactor", user.hasSecondFactor());
        described.put("createdAt", user.createdAt().toString());
        described.put("createdBy", user.createdBy());
        described.put("lastSignInAt", said(user.lastSignInAt()));
        return described;
    }

    static Map<String, @Nullable Object> session(Session session) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("session", session.id());
        described.put("state", session.state(Instant.now()));
        described.put("signedInAt", session.createdAt().toString());
        described.put("lastSeenAt", session.lastSeenAt().toString());
        described.put("expiresAt", session.expiresAt().toString());
        described.put("address", session.address());
        described.put("agent", session.agent());
        described.put("secondFactor", session.secondFactor());
        described.put("endedBy", session.endedBy());
        return described;
    }

    static Map<String, @Nullable Object> signedIn(SignedIn who, String csrf) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("user", user(who.user()));
        described.put("session", session(who.session()));
        described.put("permissions", Permission.texts(who.permissions()));
        described.put(
                "withheld",
                Permission.texts(who.granted()).stream()
                        .filter(permission ->
                                !Permission.texts(who.permissions()).contains(permission))
                        .toList());
        described.put("csrf", csrf);
        return described;
    }

    static Map<String, @Nullable Object> role(Role role) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("role", role.name());
        described.put("description", role.description());
        described.put("permissions", Permission.texts(role.permissions()));
        described.put("builtIn", role.builtIn());
        return described;
    }

    static Map<String, @Nullable Object> key(ApiKey key) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("key", key.id());
        described.put("name", key.name());
        described.put("state", key.state(Instant.now()));
        described.put("permissions", Permission.texts(key.permissions()));
        described.put("tenants", key.tenants().names());
        described.put("createdAt", key.createdAt().toString());
        described.put("createdBy", key.createdBy());
        described.put("expiresAt", said(key.expiresAt()));
        described.put("lastUsedAt", said(key.lastUsedAt()));
        described.put("lastUsedFrom", key.lastUsedFrom());
        return described;
    }

    private static @Nullable String said(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }
}
