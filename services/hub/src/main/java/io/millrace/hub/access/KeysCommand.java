package io.millrace.hub.access;

import io.millrace.hub.format.Listing;
import io.millrace.operations.Until;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.ApiKey;
import io.millrace.operations.access.ApiKeys;
import io.millrace.operations.access.Tenants;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who reaches the gateway. */
@Command(
        name = "keys",
        description = "Keys of programs for the gateway: creates, rotates, lists and revokes them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class KeysCommand extends AccessCommand {
    private static final Listing<ApiKey> KEYS = Listing.<ApiKey>of("no keys")
            .with("id", ApiKey::id)
            .with("name", ApiKey::name)
            .with("state", key -> key.state(Instant.now()))
            .with("permissions", key -> said(key.permissions()))
            .with("tenants", key -> key.tenants().names(), key -> key.tenants().toString())
            .with(
                    "expires",
                    ApiKey::expiresAt,
                    key -> key.expiresAt() == null ? "never" : key.expiresAt().toString())
            .with(
                    "last used",
                    ApiKey::lastUsedAt,
                    key -> key.lastUsedAt() == null ? "never" : key.lastUsedAt() + " from " + key.lastUsedFrom())
            .withHidden("last used from", ApiKey::lastUsedFrom)
            .withHidden("created", ApiKey::createdAt)
            .withHidden("created by", ApiKey::createdBy)
            .withHidden("revoked", ApiKey::revokedAt)
            .withHidden("revoked by", ApiKey::revokedBy);

    @Command(
            name = "create",
            description = "Creates a key and prints it. Nobody can read it again: the hub keeps a hash of it.",
            mixinStandardHelpOptions = true)
    int create(
            @Option(names = "--name", required = true, paramLabel = "TEXT", description = "What it is for.")
                    String name,
            @Option(
                            names = "--permission",
                            paramLabel = "NAME",
                            split = ",",
                            defaultValue = "views:read",
                            completionCandidates = PermissionNames.class,
                            description =
                                    "What it may do: ${COMPLETION-CANDIDATES}. May be repeated. Default: views:read")
                    List<String> permissions,
            @Option(
                            names = "--tenant",
                            paramLabel = "NAME",
                            split = ",",
                            description =
                                    "Whose rows it may see, as the tenant's column has it; may be repeated. Default: all")
                    @Nullable List<String> tenants,
            @Option(
                            names = "--expires",
                            paramLabel = "TIME",
                            description = "2026-12-31, 2026-12-31T18:00:00Z, or from now: 12h, 90d. Default: never")
                    @Nullable String expires,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        try (Access access = open()) {
            ApiKeys.Created created = access.keys()
                    .create(
                            name,
                            permissions(permissions),
                            Tenants.of(tenants == null ? List.of() : tenants),
                            expires == null ? null : Until.parse(expires, Instant.now()),
                            origin(by));
            print(created);
        }
        return 0;
    }

    private void print(ApiKeys.Created created) {
        if (output().isTable()) {
            out().println(created.text().reveal());
        } else {
            output().one(out(), KEYS.withHidden("key", key -> created.text().reveal()), created.key(), out -> {});
        }
        out().flush();
    }

    @Command(
            name = "rotate",
            description = {
                "Creates a key that may do what another may, and prints it.",
                "The old one is accepted for the overlap, in which programs change over."
            },
            mixinStandardHelpOptions = true)
    int rotate(
            @Parameters(paramLabel = "ID", description = "Of the old key.") String id,
            @Option(
                            names = "--overlap",
                            paramLabel = "TIME",
                            defaultValue = "24h",
                            description = "How long the old key is accepted: 30m, 24h, 7d. Default: 24h")
                    String overlap,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        Instant now = Instant.now();
        Duration lasting = Duration.between(now, Until.parse(overlap, now));
        try (Access access = open()) {
            print(access.keys().rotate(id, lasting, origin(by)));
        }
        return 0;
    }

    @Command(name = "list", description = "All keys, the newest first.", mixinStandardHelpOptions = true)
    int list() {
        try (Access access = open()) {
            output().list(out(), KEYS, access.keys().list());
        }
        return 0;
    }

    @Command(
            name = "revoke",
            description = "Has keys refused, within a second at every gateway.",
            mixinStandardHelpOptions = true)
    int revoke(
            @Parameters(arity = "1..*", paramLabel = "ID", description = "Of the keys.") List<String> ids,
            @Option(
                            names = "--reason",
                            paramLabel = "TEXT",
                            defaultValue = "",
                            description = "Why, for the audit trail.")
                    String reason,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        try (Access access = open()) {
            for (String id : ids) {
                ApiKey key = access.keys().revoke(id, reason, origin(by));
                out().println(key.id() + " is " + key.state(Instant.now()) + ": " + key.name());
            }
        }
        out().flush();
        return 0;
    }
}
