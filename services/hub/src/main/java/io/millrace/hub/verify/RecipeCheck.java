package io.millrace.hub.verify;

import io.millrace.catalog.Problem;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.hub.config.RecipeFiles;
import io.millrace.platform.failure.MillraceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Recipes: the files, and whether the views and columns exist that they are about. */
final class RecipeCheck {
    private static final String ALERTS = "alerts";

    private final Map<String, Set<String>> views;
    private final List<Problem> problems = new ArrayList<>();

    private RecipeCheck(Map<String, Set<String>> views) {
        this.views = views;
    }

    /** @param views those that can be planned, and their columns */
    static List<Problem> problems(Path catalog, Map<String, Set<String>> views) {
        RecipeCheck check = new RecipeCheck(views);
        try {
            RecipeFiles.read(catalog).forEach(check::look);
        } catch (MillraceException wrong) {
            check.add("recipes", String.valueOf(wrong.getMessage()), String.valueOf(wrong.remedy()));
        }
        return check.problems;
    }

    private void look(Recipe recipe) {
        if (recipe.input().equals(ALERTS)) {
            return;
        }
        String file = "recipes/" + recipe.name() + ".yaml";
        Set<String> columns = views.get(recipe.input());
        if (columns == null) {
            add(
                    file,
                    "input: there is no view " + recipe.input(),
                    "name alerts, or one of " + String.join(", ", new TreeSet<>(views.keySet())));
            return;
        }
        List<String> named = new ArrayList<>(recipe.fields());
        named.addAll(recipe.redact());
        named.addAll(recipe.filter().keySet());
        named.stream()
                .filter(name -> name.indexOf('*') < 0 && !columns.contains(name))
                .distinct()
                .forEach(name -> add(
                        file,
                        "view " + recipe.input() + " has no column " + name,
                        "name one of " + String.join(", ", new TreeSet<>(columns))));
        if (!recipe.severities().isEmpty()) {
            add(file, "severities: rows of a view have none", "use filter, with values of its columns");
        }
    }

    private void add(String file, String what, String remedy) {
        problems.add(new Problem(file, 0, 0, what, remedy));
    }
}
