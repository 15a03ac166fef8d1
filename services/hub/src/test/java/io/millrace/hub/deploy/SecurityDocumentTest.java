package io.millrace.hub.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/security.md says that a test shows, a test shows. */
class SecurityDocumentTest {
    private static final Path ROOT = Path.of("../..");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*(?:Test|Properties))(?:\\.(\\w+))?`");

    @Test
    void everyTestThatIsNamed_isThere() throws Exception {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> all = Files.walk(ROOT)) {
            for (Path file : all.filter(path -> path.toString().contains("src/test/java")
                            && path.toString().endsWith(".java"))
                    .toList()) {
                sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
            }
        }
        int named = 0;
        for (MatchResult found : TEST.matcher(Files.readString(ROOT.resolve("docs/security.md")))
                .results()
                .toList()) {
            assertThat(sources).as(found.group()).containsKey(found.group(1));
            if (found.group(2) != null) {
                assertThat(sources.get(found.group(1))).as(found.group()).contains("void " + found.group(2) + "(");
            }
            named++;
        }
        assertThat(named).isGreaterThan(40);
    }
}
