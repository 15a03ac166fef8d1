package io.millrace.hub.access;

import io.millrace.hub.format.Listing;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What people may do together. */
@Command(
        name = "roles",
        description = "Roles of people at the gateway: lists, makes and removes them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class RolesCommand extends AccessCommand {
    private static final Listing<Role> ROLES = Listing.<Role>of("no roles")
            .with("role", Role::name)
            .with("permissions", role -> said(role.permissions()))
            .with("built in", Role::builtIn, role -> role.builtIn() ? "yes" : "")
            .with("description", Role::description);

    @Command(name = "list", description = "All roles, the built-in ones first.", mixinStandardHelpOptions = true)
    int list() {
        try (Access access = open()) {
            output().list(out(), ROLES, access.roles().list());
        }
        return 0;
    }

    @Command(
            name = "set",
            description = "Makes a role, or changes one that is not built in: for who has it, within a second.",
            mixinStandardHelpOptions = true)
    int set(
            @Parameters(paramLabel = "ROLE", description = "Small letters, digits and hyphens.") String name,
            @Option(
                            names = "--permission",
                            required = true,
                            paramLabel = "NAME",
                            split = ",",
                            completionCandidates = PermissionNames.class,
                            description = "What it may do: ${COMPLETION-CANDIDATES}. May be repeated.")
                    List<String> permissions,
            @Option(names = "--description", paramLabel = "TEXT", defaultValue = "", description = "What it is for.")
                    String description,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        try (Access access = open()) {
            Role role = access.roles().set(name, description, permissions(permissions), origin(by));
            out().println("role " + role.name() + " has " + said(role.permissions()));
        }
        out().flush();
        return 0;
    }

    @Command(name = "remove", description = "Removes a role that nobody has.", mixinStandardHelpOptions = true)
    int remove(
            @Parameters(paramLabel = "ROLE", description = "Its name.") String name,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        try (Access access = open()) {
            access.roles().remove(name, origin(by));
            out().println("role " + name + " was removed");
        }
        out().flush();
        return 0;
    }
}
