package io.millrace.hub.settings;

import io.millrace.hub.audit.HubContent;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.hub.format.Listing;
import io.millrace.operations.Until;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.Origin;
import io.millrace.operations.settings.Content;
import io.millrace.operations.settings.Difference;
import io.millrace.operations.settings.Flag;
import io.millrace.operations.settings.FlagState;
import io.millrace.operations.settings.Run;
import io.millrace.operations.settings.Settings;
import io.millrace.operations.settings.Version;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Versions of catalog and configuration, and flags. */
@Command(
        name = "settings",
        description =
                "What hubs run with: versions of catalog and configuration, their differences and approvals, and flags.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class SettingsCommand extends RunningHubCommand {
    private static final Listing<Version> VERSIONS = Listing.<Version>of("no hub has run with this database")
            .with("id", Version::id)
            .with("kind", version -> version.kind().toString())
            .with("seen", Version::seenAt)
            .with("by", Version::seenBy)
            .with(
                    "approved by",
                    Version::approvedBy,
                    version -> version.approvedBy() == null ? "" : version.approvedBy())
            .with("running", Version::running, version -> String.join(" ", version.running()))
            .withHidden("approved", Version::approvedAt)
            .withHidden("reason", Version::reason)
            .withHidden("instance", Version::instance);

    private static final Listing<Run> RUNS = Listing.<Run>of("no hub has run with this database")
            .with("instance", Run::instance)
            .with("running", Run::running, run -> run.running() ? "yes" : "no")
            .with("software", Run::software)
            .with("roles", Run::roles, run -> String.join(" ", run.roles()))
            .with("catalog", Run::catalog)
            .with("configuration", Run::configuration)
            .with("started", Run::startedAt)
            .with("by", Run::startedBy)
            .withHidden("seen", Run::seenAt);

    private static final Listing<FlagState> FLAGS = Listing.<FlagState>of("no flags")
            .with("flag", state -> state.flag().toString())
            .with("on", FlagState::on, state -> state.on() ? "on" : "off")
            .with("owner", FlagState::owner, state -> state.owner() == null ? "" : state.owner())
            .with(
                    "expires",
                    FlagState::expiresAt,
                    state -> state.expiresAt() == null ? "" : state.expiresAt().toString())
            .with("reason", FlagState::reason, state -> state.reason() == null ? "" : state.reason())
            .with("description", state -> state.flag().description())
            .withHidden("changed", FlagState::changedAt)
            .withHidden("changed by", FlagState::changedBy);

    /** For the help, and for shells that complete what is typed. */
    static final class FlagNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Flag.values()).map(Flag::toString).iterator();
        }
    }

    @Command(name = "list", description = "All versions, the newest first.", mixinStandardHelpOptions = true)
    int list() {
        try (Access access = open()) {
            output().list(out(), VERSIONS, access.settings().versions());
        }
        return 0;
    }

    @Command(name = "running", description = "Which hub runs with which versions.", mixinStandardHelpOptions = true)
    int running() {
        try (Access access = open()) {
            output().list(out(), RUNS, access.settings().runs());
        }
        return 0;
    }

    @Command(
            name = "show",
            description = "One version: its files and their texts, or keys and values; secrets are masked.",
            mixinStandardHelpOptions = true)
    int show(@Parameters(paramLabel = "ID", description = "Of the version.") String id) {
        try (Access access = open()) {
            Content content = access.settings().content(id);
            new TreeMap<>(content.texts()).forEach((name, text) -> {
                if (content.kind() == Version.Kind.CATALOG) {
                    out().println("--- " + name);
                    out().println(text.stripTrailing());
                } else {
                    out().println(name + ": " + text);
                }
            });
        }
        out().flush();
        return 0;
    }

    @Command(
            name = "diff",
            description = {
                "What is another in a version than in the one before, as 'diff -u' writes it.",
                "Without the second ID: what is another in the catalog folder, or the configuration file, as it is now."
            },
            mixinStandardHelpOptions = true)
    int diff(
            @Parameters(index = "0", paramLabel = "ID", description = "The version before.") String before,
            @Parameters(index = "1", arity = "0..1", paramLabel = "ID", description = "The other version.") @Nullable String now) {
        HubConfig config = config();
        try (Access access = open()) {
            Settings settings = access.settings();
            Content old = settings.content(before);
            Content other = now != null
                    ? settings.content(now)
                    : old.kind() == Version.Kind.CATALOG
                            ? HubSettings.catalog(config)
                            : new Content(Version.Kind.CONFIGURATION, HubContent.configuration(config));
            if (old.kind() != other.kind()) {
                throw new MillraceException(
                        Category.USER,
                        before + " is a " + old.kind() + ", " + now + " is a " + other.kind(),
                        "name two versions of a kind");
            }
            List<String> lines = Difference.between(old, other);
            lines.forEach(out()::println);
            if (lines.isEmpty()) {
                out().println("no difference");
            }
        }
        out().flush();
        return 0;
    }

    @Command(
            name = "propose",
            description = {
                "Writes the catalog folder down as a version, and prints its id, for somebody else to approve.",
                "Check it first: millrace check"
            },
            mixinStandardHelpOptions = true)
    int propose(
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        HubConfig config = config();
        try (Access access = open()) {
            Version version = access.settings().record(HubSettings.catalog(config), person(by), "");
            out().println(version.id());
        }
        out().flush();
        return 0;
    }

    @Command(
            name = "approve",
            description = "Approves a version that somebody else proposed or started first.",
            mixinStandardHelpOptions = true)
    int approve(
            @Parameters(paramLabel = "ID", description = "Of the version.") String id,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why it is right.")
                    String reason,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        try (Access access = open()) {
            Version version = access.settings().approve(id, reason, Origin.commandLine(person(by)));
            out().println(version.kind() + " " + version.id() + " is approved by " + version.approvedBy());
        }
        out().flush();
        return 0;
    }

    @Command(
            name = "restore",
            description = "Writes the files of a catalog's version into an empty folder, to start hubs with it again.",
            mixinStandardHelpOptions = true)
    int restore(
            @Parameters(paramLabel = "ID", description = "Of the version.") String id,
            @Option(names = "--into", required = true, paramLabel = "FOLDER", description = "Empty, or not there yet.")
                    Path folder) {
        try (Access access = open()) {
            Content content = access.settings().content(id);
            if (content.kind() != Version.Kind.CATALOG) {
                throw new MillraceException(
                        Category.USER,
                        id + " is a configuration, whose secrets are not kept",
                        "see its keys with 'millrace settings show " + id + "', and change the file by hand");
            }
            write(content.texts(), folder.toAbsolutePath().normalize());
            out().println(content.texts().size() + " files are in " + folder);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        out().flush();
        return 0;
    }

    private static void write(Map<String, String> texts, Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.list(folder)) {
                if (all.findAny().isPresent()) {
                    throw new MillraceException(
                            Category.USER, folder + " is not empty", "name a folder that is not there yet");
                }
            }
        }
        for (Map.Entry<String, String> text : texts.entrySet()) {
            Path file = folder.resolve(text.getKey()).normalize();
            if (!file.startsWith(folder)) {
                throw new MillraceException(
                        Category.USER,
                        "the version has a file outside of the folder: " + text.getKey(),
                        "restore none of it");
            }
            Files.createDirectories(file.getParent());
            Files.write(file, HubContent.bytes(text.getValue()));
        }
    }

    @Command(name = "flags", description = "All flags, whether they are set or not.", mixinStandardHelpOptions = true)
    int flags() {
        try (Access access = open()) {
            output().list(out(), FLAGS, access.settings().flags());
        }
        return 0;
    }

    @Command(
            name = "set",
            description = "Sets a flag: everywhere within a second, without a restart.",
            mixinStandardHelpOptions = true)
    int set(
            @Parameters(
                            index = "0",
                            paramLabel = "FLAG",
                            completionCandidates = FlagNames.class,
                            description = "${COMPLETION-CANDIDATES}")
                    String flag,
            @Parameters(index = "1", paramLabel = "on|off", description = "What it is to be.") String value,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.") String reason,
            @Option(names = "--owner", paramLabel = "NAME", description = "Who answers for it. Default: who sets it.")
                    @Nullable String owner,
            @Option(
                            names = "--expires",
                            paramLabel = "TIME",
                            description =
                                    "It is off from then on: 2026-12-31, 2026-12-31T18:00:00Z, or from now: 12h, 90d. Default: never")
                    @Nullable String expires,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        if (!List.of("on", "off").contains(value)) {
            throw new MillraceException(Category.USER, "a flag is on or off, not '" + value + "'", "write on or off");
        }
        Flag which = Flag.of(flag);
        try (Access access = open()) {
            FlagState state = access.settings()
                    .set(
                            which,
                            value.equals("on"),
                            owner == null ? person(by) : owner,
                            reason,
                            expires == null ? null : Until.parse(expires, Instant.now()),
                            Origin.commandLine(person(by)));
            out().println(which + " is " + (state.on() ? "on" : "off"));
        }
        out().flush();
        return 0;
    }

    private Access open() {
        HubConfig config = config();
        return Access.ready(
                config.analytics().url(),
                config.analytics().user(),
                config.analytics().password().reveal());
    }
}
