package io.millrace.hub.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Which configuration a command goes by. */
public final class ConfigOption {
    /** The folder of a checkout, which {@code ./millrace} names. */
    private static final String HOME = "millrace.home";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:MILLRACE_CONFIG}",
            description =
                    "The configuration file. Default: the one that the environment variable MILLRACE_CONFIG names,"
                            + " or all defaults, which are right beside a running demo.")
    private @Nullable Path file;

    /** The configuration; paths in it are relative to its file's folder, wherever the command is called. */
    public HubConfig read() {
        return read(file);
    }

    static HubConfig read(@Nullable Path file) {
        if (file == null || file.toString().isEmpty()) {
            return YamlFile.read(null, HubConfig.class).relativeTo(home());
        }
        Path folder = file.getParent();
        return YamlFile.read(file, HubConfig.class).relativeTo(folder == null ? Path.of("") : folder);
    }

    /** The folder in which data and catalog are where nothing is configured. */
    public static Path home() {
        Path home = Path.of(System.getProperty(HOME, ""));
        return home.equals(Path.of("").toAbsolutePath()) ? Path.of("") : home;
    }
}
