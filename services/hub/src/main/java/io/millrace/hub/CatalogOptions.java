package io.millrace.hub;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.YamlFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that look at a catalog. */
final class CatalogOptions {
    @Option(names = "--config", paramLabel = "FILE", description = "The configuration file. Default: all defaults.")
    private @Nullable Path file;

    @Option(names = "--catalog", paramLabel = "DIR", description = "Instead of the configuration's catalog.")
    private @Nullable Path catalog;

    HubConfig config() {
        return YamlFile.read(file, HubConfig.class);
    }

    Path folder(HubConfig config) {
        return catalog == null ? config.catalog() : catalog;
    }
}
