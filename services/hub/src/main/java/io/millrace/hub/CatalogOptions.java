package io.millrace.hub;

import io.millrace.hub.config.ConfigOption;
import io.millrace.hub.config.HubConfig;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of commands that look at a catalog. */
final class CatalogOptions {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ConfigOption config;

    @Option(names = "--catalog", paramLabel = "DIR", description = "Instead of the configuration's catalog.")
    private @Nullable Path catalog;

    HubConfig config() {
        return config.read();
    }

    Path folder(HubConfig configured) {
        return catalog == null ? configured.catalog() : catalog;
    }
}
