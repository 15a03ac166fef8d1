package io.millrace.hub.config;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.FileSystemResource;

/**
 * Reads YAML files into records: a key that the record does not have is an error. {@code ${NAME}} stands for an environment
 * variable, so that secrets stay out of the file.
 */
public final class YamlFile {
    private YamlFile() {}

    /** @param file null for all defaults */
    public static <T> T read(@Nullable Path file, Class<T> type) {
        MutablePropertySources sources = new MutablePropertySources();
        if (file != null) {
            load(file).forEach(sources::addLast);
        }
        MutablePropertySources resolution = new MutablePropertySources(sources);
        new StandardEnvironment().getPropertySources().forEach(resolution::addLast);
        Binder binder = new Binder(
                ConfigurationPropertySources.from(sources),
                new PropertySourcesPlaceholdersResolver(resolution),
                ApplicationConversionService.getSharedInstance());
        BindHandler strict = new NoUnboundElementsBindHandler(BindHandler.DEFAULT, ignored -> true);
        try {
            return binder.bindOrCreate("", Bindable.of(type), strict);
        } catch (BindException wrong) {
            throw new MillraceException(
                    Category.USER, describe(file, wrong), "see docs/operations.md for the keys of this file", null);
        }
    }

    private static List<org.springframework.core.env.PropertySource<?>> load(Path file) {
        if (!Files.isReadable(file)) {
            throw new MillraceException(Category.USER, "cannot read the file " + file, "check the path");
        }
        try {
            return new YamlPropertySourceLoader().load(file.toString(), new FileSystemResource(file));
        } catch (IOException | RuntimeException malformed) {
            throw new MillraceException(
                    Category.USER,
                    file + " is not valid YAML: " + firstLine(malformed),
                    "mend the line that the message names",
                    null);
        }
    }

    /** Names the place and the key, never the value: it may be a secret. */
    private static String describe(@Nullable Path file, BindException wrong) {
        if (wrong.getCause() instanceof UnboundConfigurationPropertiesException unknown) {
            return unknown.getUnboundProperties().stream()
                    .map(property -> property.getOrigin() + ": unknown key '" + property.getName() + "'")
                    .collect(Collectors.joining("; "));
        }
        String where = wrong.getOrigin() == null
                ? String.valueOf(file)
                : wrong.getOrigin().toString();
        return where + ": the value of '" + wrong.getName() + "' is missing or cannot be read as "
                + wrong.getTarget().getType();
    }

    private static String firstLine(Throwable thrown) {
        return String.valueOf(thrown.getMessage())
                .lines()
                .limit(6)
                .map(String::strip)
                .collect(Collectors.joining(" "));
    }
}
