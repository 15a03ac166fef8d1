package io.millrace.views.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.views.plan.Cost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/sql.md lists the functions of views, and what the parts of a query cost, as the code has them. */
class SqlReferenceTest {
    private static final Path DOCUMENT = Path.of("../../docs/sql.md");

    @Test
    void everyFunction_isInTheDocument() throws Exception {
        isInTheDocument("functions", functions());
    }

    @Test
    void everyCost_isInTheDocument() throws Exception {
        isInTheDocument("costs", costs());
    }

    private static void isInTheDocument(String name, String table) throws IOException {
        String document = Files.readString(DOCUMENT);
        String first = "<!-- " + name + ": written by SqlReferenceTest with -Dmillrace.docs=write -->\n";
        int begin = document.indexOf(first) + first.length();
        int end = document.indexOf("<!-- End of " + name + " -->\n");
        if ("write".equals(System.getProperty("millrace.docs"))) {
            Files.writeString(DOCUMENT, document.substring(0, begin) + table + document.substring(end));
            return;
        }
        assertThat(document.substring(begin, end))
                .as("docs/sql.md; run this test with -Dmillrace.docs=write")
                .isEqualTo(table);
    }

    private static String functions() {
        StringBuilder text = new StringBuilder("| | function | |\n|---|---|---|\n");
        ViewFunctions.BY_TOPIC.forEach((topic, functions) -> append(text, topic, functions));
        return text.toString();
    }

    private static void append(StringBuilder text, String topic, List<ViewFunction> functions) {
        String shown = topic;
        for (ViewFunction function : functions) {
            text.append("| ")
                    .append(shown)
                    .append(" | `")
                    .append(function.usage().replace("|", "\\|"))
                    .append("` | ")
                    .append(function.meaning().replace("|", "\\|"))
                    .append(" |\n");
            shown = "";
        }
    }

    private static String costs() {
        StringBuilder text = new StringBuilder("| | keeps in memory | a change looks at |\n|---|---|---|\n");
        for (Cost cost : Cost.values()) {
            text.append("| ")
                    .append(cost.sql())
                    .append(" | ")
                    .append(cost.keeps())
                    .append(" | ")
                    .append(cost.change())
                    .append(" |\n");
        }
        return text.toString();
    }
}
