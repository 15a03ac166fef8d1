package io.millrace.views.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/sql.md lists the functions of views as the code has them. */
class SqlReferenceTest {
    private static final Path DOCUMENT = Path.of("../../docs/sql.md");
    private static final String BEGIN = "<!-- Functions: written by SqlReferenceTest with -Dmillrace.docs=write -->\n";
    private static final String END = "<!-- End of functions -->\n";

    @Test
    void everyFunction_isInTheDocument() throws Exception {
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf(BEGIN) + BEGIN.length();
        int end = document.indexOf(END);
        if ("write".equals(System.getProperty("millrace.docs"))) {
            Files.writeString(DOCUMENT, document.substring(0, begin) + functions() + document.substring(end));
            return;
        }
        assertThat(document.substring(begin, end))
                .as("docs/sql.md; run this test with -Dmillrace.docs=write")
                .isEqualTo(functions());
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
}
