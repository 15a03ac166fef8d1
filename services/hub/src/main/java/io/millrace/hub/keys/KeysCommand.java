package io.millrace.hub.keys;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.hub.format.Listing;
import io.millrace.operations.Until;
import io.millrace.operations.access.ApiKey;
import io.millrace.operations.access.ApiKeys;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who reaches the gateway. */
@Command(
        name = "keys",
        description = "Keys of programs for the gateway: creates, lists and revokes them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class KeysCommand extends RunningHubCommand {
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

    /** For the help, and for shells that complete what is typed. */
    static final class PermissionNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return EnumSet.allOf(Permission.class).stream()
                    .map(Permission::toString)
                    .iterator();
        }
    }

    private static String said(Set<Permission> permissions) {
        return permissions.stream().map(Permission::toString).collect(Collectors.joining(" "));
    }

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
        Set<Permission> granted = EnumSet.noneOf(Permission.class);
        permissions.forEach(permission -> granted.add(Permission.of(permission)));
        try (ApiKeys keys = open()) {
            ApiKeys.Created created = keys.create(
                    name,
                    granted,
                    Tenants.of(tenants == null ? List.of() : tenants),
                    expires == null ? null : Until.parse(expires, Instant.now()),
                    person(by));
            if (output().isTable()) {
                out().println(created.text().reveal());
            } else {
                output().one(out(), KEYS.withHidden("key", key -> created.text().reveal()), created.key(), out -> {});
            }
        }
        out().flush();
        return 0;
    }

    @Command(name = "list", description = "All keys, the newest first.", mixinStandardHelpOptions = true)
    int list() {
        try (ApiKeys keys = open()) {
            output().list(out(), KEYS, keys.list());
        }
        return 0;
    }

    @Command(
            name = "revoke",
            description = "Has keys refused, within a second at every gateway.",
            mixinStandardHelpOptions = true)
    int revoke(
            @Parameters(arity = "1..*", paramLabel = "ID", description = "Of the keys.") List<String> ids,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        try (ApiKeys keys = open()) {
            for (String id : ids) {
                ApiKey key = keys.revoke(id, person(by));
                out().println(key.id() + " is " + key.state(Instant.now()) + ": " + key.name());
            }
        }
        out().flush();
        return 0;
    }

    private ApiKeys open() {
        HubConfig config = config();
        ApiKeys keys = new ApiKeys(
                config.analytics().url(),
                config.analytics().user(),
                config.analytics().password().reveal());
        try {
            keys.requireReachable();
            keys.migrate();
            return keys;
        } catch (RuntimeException failed) {
            keys.close();
            throw failed;
        }
    }
}
