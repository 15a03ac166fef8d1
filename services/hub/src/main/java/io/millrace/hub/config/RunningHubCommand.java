package io.millrace.hub.config;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** A command that works beside a running hub, with that hub's configuration. */
public abstract class RunningHubCommand {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The hub's configuration file. Default: the running demo, or all defaults.")
    private @Nullable Path file;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** The configuration, with the addresses of what was started. */
    protected final HubConfig config() {
        return KnownServers.complete(YamlFile.read(file, HubConfig.class));
    }

    /**
     * Who decides.
     *
     * @param by whoever says so; null for the system's user
     */
    protected static String person(@Nullable String by) {
        return by == null ? System.getProperty("user.name", "unknown") : by;
    }

    /** Where the command says what it found. */
    protected final PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
