package io.millrace.hub.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.catalog.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("NullAway.Init")
class RecipeCheckTest {
    private static final Map<String, Set<String>> VIEWS = Map.of("line", Set.of("tenant_id", "id", "status", "title"));
    private static final String RIGHT = """
            input: line
            filter:
              status: [draft]
            fields: [title]
            redact: [tit*]
            prompt: Which account?
            output:
              - name: account
                one-of: [a, b]
            model: m
            fallback: openai/n
            input-price: 1
            output-price: 1
            fallback-input-price: 1
            fallback-output-price: 1
            budget: 1
            tenant-budget: 1
            """;

    @TempDir
    Path catalog;

    @BeforeEach
    void folder() throws Exception {
        Files.createDirectories(catalog.resolve("recipes"));
    }

    private List<Problem> problems(String recipe) throws Exception {
        Files.writeString(catalog.resolve("recipes/code-line.yaml"), recipe);
        return RecipeCheck.problems(catalog, VIEWS);
    }

    @Test
    void rightRecipe_hasNoProblems() throws Exception {
        assertThat(problems(RIGHT)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "input: line             | input: lines                         | there is no view lines",
                "fields: [title]         | fields: [titel]                      | view line has no column titel",
                "redact: [tit*]          | redact: [name]                       | view line has no column name",
                "status: [draft]         | state: [draft]                       | view line has no column state",
                "redact: [tit*]          | severities: [high]                   | severities: rows of a view have none",
                "fields: [title]         | fields: []                           | 'fields' is empty",
                "prompt: Which account?  | prompt: ''                           | 'prompt' is empty",
                "model: m                | model: ''                            | 'model' is empty",
                "one-of: [a, b]          | longest: 9000                        | has either 'longest'",
                "fallback-input-price: 1 | fallback-input-price: 0              | 'fallback-input-price'",
                "fallback-input-price: 1 | fallback-inputprise: 0               | unknown key",
                "budget: 1               | budget: much                         | is not a number of at least 0"
            })
    void wrongRecipe_isToldWithWhatIsWrong(String right, String wrong, String problem) throws Exception {
        String recipe = RIGHT.replaceFirst("(?m)^( *)" + Pattern.quote(right), "$1" + wrong);
        assertThat(recipe).isNotEqualTo(RIGHT);
        assertThat(problems(recipe))
                .anySatisfy(one -> assertThat(one.toString()).contains(problem));
    }
}
