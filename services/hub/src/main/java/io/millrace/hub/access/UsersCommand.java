package io.millrace.hub.access;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHub;
import io.millrace.hub.format.Listing;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.Session;
import io.millrace.operations.access.Tenants;
import io.millrace.operations.access.User;
import io.millrace.operations.access.Users;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** People who sign in at the gateway. */
@Command(
        name = "users",
        description = "People who sign in at the gateway: adds, changes and lists them, and signs them out.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class UsersCommand extends AccessCommand {
    private static final Listing<User> USERS = Listing.<User>of(
                    "no users: './millrace users create NAME --role administrator' makes the first")
            .with("user", User::name)
            .with("state", User::state)
            .with("roles", User::roles, user -> String.join(" ", user.roles()))
            .with(
                    "tenants",
                    user -> user.tenants().names(),
                    user -> user.tenants().toString())
            .with("second factor", User::hasSecondFactor, user -> user.hasSecondFactor() ? "yes" : "no")
            .with(
                    "last sign-in",
                    User::lastSignInAt,
                    user -> user.lastSignInAt() == null
                            ? "never"
                            : user.lastSignInAt().toString())
            .withHidden("email", User::email)
            .withHidden("created", User::createdAt)
            .withHidden("created by", User::createdBy)
            .withHidden("disabled", User::disabledAt)
            .withHidden("disabled by", User::disabledBy);

    private static final Listing<Session> SESSIONS = Listing.<Session>of("the user has never signed in")
            .with("id", Session::id)
            .with("state", session -> session.state(Instant.now()))
            .with("signed in", Session::createdAt)
            .with("last seen", Session::lastSeenAt)
            .with("address", Session::address)
            .with("second factor", Session::secondFactor, session -> session.secondFactor() ? "yes" : "no")
            .with("device", Session::agent)
            .withHidden("expires", Session::expiresAt)
            .withHidden("ended", Session::endedAt)
            .withHidden("ended by", Session::endedBy);

    @Command(
            name = "create",
            description = {
                "Adds a user and prints a link, with which the person sets a password.",
                "It is valid for 72 hours, and nobody can read it again."
            },
            mixinStandardHelpOptions = true)
    int create(
            @Parameters(paramLabel = "USER", description = "With which the person signs in.") String name,
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "NAME",
                            split = ",",
                            description = "What the person may do: see 'millrace roles list'. May be repeated.")
                    List<String> roles,
            @Option(
                            names = "--tenant",
                            paramLabel = "NAME",
                            split = ",",
                            description =
                                    "Whose rows the person may see, as the tenant's column has it; may be repeated. Default: all")
                    @Nullable List<String> tenants,
            @Option(names = "--email", paramLabel = "ADDRESS", description = "The person's mail address.") @Nullable String email,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        try (Access access = open()) {
            print(access.users()
                    .create(name, email, roles, Tenants.of(tenants == null ? List.of() : tenants), origin(by)));
        }
        return 0;
    }

    @Command(name = "list", description = "All users, by name.", mixinStandardHelpOptions = true)
    int list() {
        try (Access access = open()) {
            output().list(out(), USERS, access.users().list());
        }
        return 0;
    }

    @Command(
            name = "change",
            description =
                    "Changes a user: within a second, also where the person is signed in. What is not said stays as it is.",
            mixinStandardHelpOptions = true)
    int change(
            @Parameters(paramLabel = "USER", description = "The name.") String name,
            @Option(
                            names = "--role",
                            paramLabel = "NAME",
                            split = ",",
                            description = "All roles that the person is to have.")
                    @Nullable List<String> roles,
            @Option(
                            names = "--tenant",
                            paramLabel = "NAME",
                            split = ",",
                            description = "All tenants whose rows the person is to see.")
                    @Nullable List<String> tenants,
            @Option(names = "--all-tenants", description = "The person sees the rows of all tenants.")
                    boolean allTenants,
            @Option(names = "--email", paramLabel = "ADDRESS", description = "The person's mail address.") @Nullable String email,
            @Option(names = "--disable", description = "Nobody signs in with the name; the person is signed out.")
                    boolean disable,
            @Option(names = "--enable", description = "Ends that.") boolean enable,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        if (disable && enable || allTenants && tenants != null) {
            throw new MillraceException(Category.USER, "the options contradict each other", "say one of them");
        }
        Tenants whose = tenants == null ? null : Tenants.of(tenants);
        Users.Change change = new Users.Change(
                roles, allTenants ? Tenants.ALL : whose, email, disable || enable ? (Boolean) disable : null);
        try (Access access = open()) {
            output().one(
                            out(),
                            USERS,
                            access.users().change(name, change, origin(by)),
                            out -> out.println(name + " was changed"));
        }
        out().flush();
        return 0;
    }

    @Command(
            name = "link",
            description =
                    "Makes a link to set a password again, for who has forgotten it. The old one goes on until then.",
            mixinStandardHelpOptions = true)
    int link(
            @Parameters(paramLabel = "USER", description = "The name.") String name,
            @Option(
                            names = "--remove-second-factor",
                            description = "For who has lost the device: signs the person out, who sets up another one.")
                    boolean removeSecondFactor,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        try (Access access = open()) {
            print(access.users().link(name, removeSecondFactor, origin(by)));
        }
        return 0;
    }

    @Command(name = "sessions", description = "Where a user is, or was, signed in.", mixinStandardHelpOptions = true)
    int sessions(@Parameters(paramLabel = "USER", description = "The name.") String name) {
        try (Access access = open()) {
            output().list(out(), SESSIONS, access.sessions().list(name));
        }
        return 0;
    }

    @Command(
            name = "sign-out",
            description = "Ends a user's sessions, within a second everywhere.",
            mixinStandardHelpOptions = true)
    int signOut(
            @Parameters(paramLabel = "USER", description = "The name.") String name,
            @Option(names = "--session", paramLabel = "ID", description = "This one only. Default: all") @Nullable String session,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        try (Access access = open()) {
            if (session == null) {
                out().println(access.sessions().endAll(name, null, origin(by)) + " sessions ended");
            } else {
                access.sessions().end(name, session, origin(by));
                out().println("session " + session + " ended");
            }
        }
        out().flush();
        return 0;
    }

    private void print(Users.Link link) {
        HubConfig config = config();
        String at = config.mail().publicUrl().isEmpty()
                ? RunningHub.url(config)
                : config.mail().publicUrl().replaceAll("/+$", "");
        String url = at + "/account#" + link.text().reveal();
        if (output().isTable()) {
            out().println(url);
        } else {
            output().one(out(), USERS.withHidden("link", user -> url), link.user(), out -> {});
        }
        out().flush();
    }
}
