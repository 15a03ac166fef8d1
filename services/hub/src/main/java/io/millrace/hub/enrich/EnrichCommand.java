package io.millrace.hub.enrich;

import io.millrace.enrichment.Enricher;
import io.millrace.enrichment.Enricher.Result;
import io.millrace.enrichment.llm.LlmProviders;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RecipeFiles;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.hub.format.Listing;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tries recipes. */
@Command(
        name = "enrich",
        description = "Explanations and classifications by an LLM: lists recipes, and tries one.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class EnrichCommand extends RunningHubCommand {
    @Command(name = "list", description = "The recipes of the catalog.", mixinStandardHelpOptions = true)
    int list() {
        output().list(
                        out(),
                        Listing.<Recipe>of("no recipes")
                                .with("recipe", Recipe::name)
                                .with("input", Recipe::input)
                                .with("description", Recipe::description),
                        RecipeFiles.read(config().catalog()));
        return 0;
    }

    @Command(
            name = "try",
            description = {
                "Shows what would leave, with names taken out, and what it would cost; with a key, also the answer.",
                "Nothing is kept. Exit code 1 if there is no valid answer."
            },
            mixinStandardHelpOptions = true)
    int attempt(
            @Parameters(index = "0", paramLabel = "RECIPE") String name,
            @Option(
                            names = "--on",
                            required = true,
                            paramLabel = "KEY",
                            description = "An alert's id, or its beginning; of a view, column=value,column=value.")
                    String key) {
        HubConfig config = config();
        List<Recipe> recipes = RecipeFiles.read(config.catalog());
        Recipe recipe = recipes.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new MillraceException(
                        Category.USER,
                        "there is no recipe " + name + " in " + config.catalog().resolve("recipes"),
                        "name one of " + recipes.stream().map(Recipe::name).collect(Collectors.joining(", "))));
        Map<String, String> input = new Inputs(config.analytics()).read(recipe, key);
        Enricher.Prepared prepared = Enricher.prepare(recipe, input);
        PrintWriter out = out();
        out.println("to " + prepared.question().model() + ":");
        out.println();
        out.println(prepared.question().text().indent(4));
        out.println(String.format(
                Locale.ROOT,
                "costs at most %.4f (budget of a month: %.2f)",
                prepared.estimate(),
                recipe.budget().all()));
        List<String> withheld = input.keySet().stream()
                .filter(field -> !prepared.redaction().data().containsKey(field))
                .toList();
        out.println("stays here: " + (withheld.isEmpty() ? "nothing" : String.join(", ", withheld)));
        out.flush();
        Optional<LlmProviders> llm = ConfiguredLlm.of(config.llm());
        if (llm.isEmpty()) {
            out.println();
            out.println("not sent: no key is configured. Set llm.key, or start './millrace demo --llm fake'.");
            out.flush();
            return 0;
        }
        int code = print(new Enricher(llm.get()).ask(prepared), out);
        out.flush();
        return code;
    }

    private static int print(Result result, PrintWriter out) {
        out.println();
        switch (result) {
            case Result.Done done -> {
                out.println(String.format(Locale.ROOT, "%s answered, for %.4f:", done.model(), done.cost()));
                done.fields().forEach((field, value) -> out.println("    " + field + ": " + value));
                return 0;
            }
            case Result.Refused refused ->
                out.println(refused.model() + " does not answer this, for "
                        + String.format(Locale.ROOT, "%.4f", refused.cost()));
            case Result.Rejected rejected ->
                out.println("the answer was rejected: " + rejected.problem()
                        + String.format(Locale.ROOT, "; it cost %.4f", rejected.cost()));
            case Result.Failed failed ->
                out.println("no answer ("
                        + failed.action().name().toLowerCase(Locale.ROOT).replace('_', ' ') + "): " + failed.detail());
        }
        return 1;
    }
}
