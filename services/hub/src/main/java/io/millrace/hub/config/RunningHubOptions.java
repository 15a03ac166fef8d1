package io.millrace.hub.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options of commands that work beside a running hub. */
public final class RunningHubOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The hub's configuration file. Default: the running demo, or all defaults.")
    private @Nullable Path file;

    /** The configuration, with the addresses of what was started. */
    public HubConfig config() {
        return KnownServers.complete(YamlFile.read(file, HubConfig.class));
    }
}
