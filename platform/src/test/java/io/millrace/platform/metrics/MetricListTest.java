package io.millrace.platform.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** docs/metrics.md lists the metrics as the code has them. */
class MetricListTest {
    private static final Path DOCUMENT = Path.of("../docs/metrics.md");
    private static final String BEGIN = "<!-- Metrics: written by MetricListTest with -Dmillrace.docs=write -->\n";
    private static final String END = "<!-- End of metrics -->\n";

    @Test
    void everyMetric_isInTheDocument() throws Exception {
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf(BEGIN) + BEGIN.length();
        int end = document.indexOf(END);
        if ("write".equals(System.getProperty("millrace.docs"))) {
            Files.writeString(DOCUMENT, document.substring(0, begin) + table() + document.substring(end));
            return;
        }
        assertThat(document.substring(begin, end))
                .as("docs/metrics.md; run this test with -Dmillrace.docs=write")
                .isEqualTo(table());
    }

    private static String table() {
        StringBuilder text = new StringBuilder("| metric | kind | labels | |\n|---|---|---|---|\n");
        for (HubMetric metric : HubMetric.values()) {
            text.append("| `")
                    .append(metric.prometheus())
                    .append("` | ")
                    .append(metric.kind().name().toLowerCase(Locale.ROOT))
                    .append(" | ")
                    .append(metric.labels().replace(" ", ", "))
                    .append(" | ")
                    .append(metric.meaning())
                    .append(" |\n");
        }
        return text.toString();
    }
}
