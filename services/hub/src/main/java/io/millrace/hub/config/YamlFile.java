package io.millrace.hub.config;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads YAML files into records: a key that the record does not have is an error. {@code ${NAME}} stands for an environment
 * variable, so that secrets stay out of the file.
 */
public final class YamlFile {
    private YamlFile() {}

    /** @param file null for all defaults */
    public static <T> T read(@Nullable Path file, Class<T> type) {
        Map<String, Object> values = file == null ? Map.of() : values(file, type);
        Binder binder = new Binder(
                ConfigurationPropertySources.from(new MapPropertySource(String.valueOf(file), values)),
                null,
                ApplicationConversionService.getSharedInstance());
        try {
            return binder.bindOrCreate("", Bindable.of(type));
        } catch (BindException wrong) {
            throw new MillraceException(
                    Category.USER,
                    file + ": the value of '" + wrong.getName() + "' cannot be read",
                    "correct it",
                    null);
        }
    }

    /** Tells of everything that is wrong at once. */
    private static Map<String, Object> values(Path file, Class<?> type) {
        if (!Files.isReadable(file)) {
            throw new MillraceException(Category.USER, "cannot read the file " + file, "check the path");
        }
        StandardEnvironment environment = new StandardEnvironment();
        YamlShape shape = new YamlShape(name -> variable(environment, name));
        documents(file).forEach(document -> shape.read(document, type));
        if (!shape.found().isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    shape.found().stream()
                            .map(one -> file + ":" + one.line() + ":" + one.column() + ": " + one.message())
                            .collect(Collectors.joining("\n  ")),
                    "correct the file; its keys are in " + page(type));
        }
        return shape.values();
    }

    /** A variable's value, or the content of the file that the variable with {@code _FILE} behind its name names: so secrets are mounted. */
    private static @Nullable String variable(StandardEnvironment environment, String name) {
        String value = environment.getProperty(name);
        String file = environment.getProperty(name + "_FILE");
        if (value != null || file == null) {
            return value;
        }
        try {
            return Files.readString(Path.of(file)).stripTrailing();
        } catch (IOException | InvalidPathException unreadable) {
            throw new MillraceException(
                    Category.USER,
                    "the file " + file + " that " + name + "_FILE names cannot be read: " + unreadable.getMessage(),
                    "mount it, and let the hub's user read it");
        }
    }

    private static String page(Class<?> type) {
        return type == RoutesFile.class
                ? "docs/mail.md"
                : type == RecipeFiles.Contents.class ? "docs/enrichment.md" : "docs/operations.md";
    }

    private static List<Node> documents(Path file) {
        try (BufferedReader text = Files.newBufferedReader(file)) {
            List<Node> documents = new ArrayList<>();
            new Yaml().composeAll(text).forEach(documents::add);
            // Constructed for what is wrong beyond the syntax: keys that are there twice, tags.
            LoaderOptions strict = new LoaderOptions();
            strict.setAllowDuplicateKeys(false);
            new Yaml(new SafeConstructor(strict))
                    .loadAll(Files.readString(file))
                    .forEach(document -> {});
            return documents;
        } catch (MarkedYAMLException wrong) {
            throw malformed(file, wrong);
        } catch (IOException | YAMLException unreadable) {
            throw unreadable(file, unreadable);
        }
    }

    private static MillraceException malformed(Path file, MarkedYAMLException wrong) {
        Mark mark = wrong.getProblemMark();
        String place = mark == null ? "" : ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
        return new MillraceException(
                Category.USER,
                file + place + ": not valid YAML: " + wrong.getProblem(),
                "correct the line; a text with a colon or a # in it needs quotes",
                null);
    }

    private static MillraceException unreadable(Path file, Exception why) {
        return new MillraceException(
                Category.USER,
                file + " cannot be read as YAML in UTF-8: " + why.getMessage(),
                "check the file, and save it in UTF-8",
                null);
    }
}
