package io.millrace.hub.config;

import io.millrace.hub.format.Output;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that works beside a running hub, with that hub's configuration. */
public abstract class RunningHubCommand {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ConfigOption option;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Output output;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** The configuration, with the addresses of what was started. */
    protected final HubConfig config() {
        return KnownServers.complete(option.read());
    }

    /**
     * Who decides.
     *
     * @param by whoever says so; null for the system's user
     */
    protected static String person(@Nullable String by) {
        return by == null ? System.getProperty("user.name", "unknown") : by;
    }

    /** How the command prints what it found. */
    protected final Output output() {
        return output;
    }

    /** Where the command says what it found. */
    protected final PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
