package io.millrace.hub.config;

import io.millrace.enrichment.recipe.OutputField;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.avro.Severity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** {@code recipes/*.yaml} of a catalog: see docs/enrichment.md. */
public final class RecipeFiles {
    private static final String SUFFIX = ".yaml";
    private static final int LONGEST = 2_000;

    private RecipeFiles() {}

    /** A file as it stands; the recipe's name is the file's. */
    record Contents(
            @DefaultValue("") String description,
            @DefaultValue("alerts") String input,
            @DefaultValue List<Severity> severities,
            @DefaultValue Map<String, List<String>> filter,
            @DefaultValue List<String> fields,
            @DefaultValue List<String> redact,
            @Within @DefaultValue("0s") Duration settle,
            @DefaultValue("") String prompt,
            @DefaultValue List<Field> output,
            @DefaultValue("") String model,
            @DefaultValue("") String fallback,
            @Within(min = 1) @DefaultValue("500") int maxTokens,
            @Within @DefaultValue("0") double inputPrice,
            @Within @DefaultValue("0") double outputPrice,
            @Within @DefaultValue("0") double fallbackInputPrice,
            @Within @DefaultValue("0") double fallbackOutputPrice,
            @Within @DefaultValue("0") double budget,
            @Within @DefaultValue("0") double tenantBudget,
            @DefaultValue("tenant_id") String tenantColumn,
            @Within(min = 1) @DefaultValue("30s") Duration deadline) {}

    /** A field of the answer as it stands. */
    record Field(
            @DefaultValue("") String name,
            @DefaultValue("") String description,
            @DefaultValue("0") int longest,
            @DefaultValue List<String> oneOf) {}

    /** In the order of their names. */
    public static List<Recipe> read(Path catalog) {
        Path folder = catalog.resolve("recipes");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .map(RecipeFiles::recipe)
                    .toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Recipe recipe(Path file) {
        Contents contents = YamlFile.read(file, Contents.class);
        List<String> problems = new ArrayList<>();
        if (contents.fields.isEmpty()) {
            problems.add("'fields' is empty: name the fields that may be sent");
        }
        if (contents.prompt.isBlank()) {
            problems.add("'prompt' is empty");
        }
        if (contents.model.isBlank()) {
            problems.add("'model' is empty: name the LLM to ask");
        }
        if (contents.output.isEmpty()) {
            problems.add("'output' is empty: name the fields of the answer");
        }
        if (contents.budget + contents.tenantBudget > 0) {
            if (contents.inputPrice * contents.outputPrice <= 0) {
                problems.add("a budget needs 'input-price' and 'output-price' of a million tokens");
            }
            if (!contents.fallback.isEmpty() && contents.fallbackInputPrice * contents.fallbackOutputPrice <= 0) {
                problems.add("a budget needs 'fallback-input-price' and 'fallback-output-price', too");
            }
        }
        Set<String> names = new HashSet<>();
        for (Field field : contents.output) {
            if (!field.name.matches("[a-z][a-z0-9_]*") || !names.add(field.name)) {
                problems.add("output '" + field.name + "' has no name of its own of small letters, digits and _");
            }
            if (field.longest < 0 || field.longest > LONGEST || field.longest == 0 == field.oneOf.isEmpty()) {
                problems.add("output '" + field.name + "' has either 'longest', up to " + LONGEST + ", or 'one-of'");
            }
        }
        if (!problems.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    file + ": " + String.join("; ", problems),
                    "see docs/enrichment.md for the keys of a recipe");
        }
        String name = file.getFileName().toString();
        return new Recipe(
                name.substring(0, name.length() - SUFFIX.length()),
                contents.description,
                contents.input,
                contents.severities.stream()
                        .map(severity -> severity.name().toLowerCase(Locale.ROOT))
                        .toList(),
                contents.filter,
                contents.fields,
                contents.redact,
                contents.settle,
                contents.prompt,
                contents.output.stream()
                        .map(field -> new OutputField(field.name, field.description, field.longest, field.oneOf))
                        .toList(),
                contents.model,
                contents.fallback,
                contents.maxTokens,
                new Recipe.Price(contents.inputPrice, contents.outputPrice),
                new Recipe.Price(contents.fallbackInputPrice, contents.fallbackOutputPrice),
                new Recipe.Budget(contents.budget, contents.tenantBudget, contents.tenantColumn),
                contents.deadline);
    }
}
