package io.millrace.hub.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.millrace.platform.metrics.HubMetric;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is under deploy/ names metrics, labels and recordings that there are. */
class DeployFilesTest {
    private static final Path DEPLOY = Path.of("../../deploy");
    private static final Pattern METRIC = Pattern.compile("\\bmillrace_[a-z0-9_]+");
    private static final Pattern RECORDING = Pattern.compile("\\bmillrace:[a-z0-9_:]+");
    private static final Pattern LABELS = Pattern.compile("by \\(([a-z, ]+)\\)");

    @Test
    void rulesAndDashboards_nameWhatThereIs() throws Exception {
        Set<String> metrics = new TreeSet<>();
        Set<String> labels = new TreeSet<>(Set.of("le"));
        for (HubMetric metric : HubMetric.values()) {
            String name = metric.prometheus();
            metrics.addAll(
                    metric.kind() == HubMetric.Kind.TIMER
                            ? List.of(name + "_bucket", name + "_count", name + "_sum", name + "_max")
                            : List.of(name));
            labels.addAll(List.of(metric.labels().split(" ", -1)));
        }
        Set<String> recordings = new TreeSet<>();
        List<String> expressions = new ArrayList<>();
        for (Map<String, String> rule : rules()) {
            if (rule.containsKey("record")) {
                recordings.add(String.valueOf(rule.get("record")));
            }
            expressions.add(String.valueOf(rule.get("expr")));
        }
        assertThat(expressions).hasSizeGreaterThan(10);
        expressions.addAll(dashboards());
        for (String expression : expressions) {
            assertThat(metrics).as(expression).containsAll(found(METRIC, expression, 0));
            assertThat(recordings).as(expression).containsAll(found(RECORDING, expression, 0));
            for (String names : found(LABELS, expression, 1)) {
                assertThat(labels).as(expression).containsAll(List.of(names.split(", ", -1)));
            }
        }
    }

    @Test
    void rules_areRight_byPromtool() throws Exception {
        String path = System.getenv().getOrDefault("PATH", "");
        assumeThat(Stream.of(path.split(":", -1)).map(folder -> Path.of(folder, "promtool")))
                .as("promtool is installed")
                .anyMatch(Files::isExecutable);
        Process promtool = new ProcessBuilder("promtool", "check", "config", "prometheus.yml")
                .directory(DEPLOY.resolve("prometheus").toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as(said).isZero();
    }

    private static List<Map<String, String>> rules() throws Exception {
        Map<String, List<Map<String, List<Map<String, String>>>>> file =
                new Yaml().load(Files.readString(DEPLOY.resolve("prometheus/rules.yml")));
        return file.getOrDefault("groups", List.of()).stream()
                .flatMap(group -> group.getOrDefault("rules", List.of()).stream())
                .toList();
    }

    private static List<String> dashboards() throws Exception {
        List<String> expressions = new ArrayList<>();
        try (Stream<Path> files = Files.list(DEPLOY.resolve("grafana"))) {
            for (Path file : files.toList()) {
                JsonNode dashboard = JsonMapper.builder().build().readTree(Files.readString(file));
                dashboard
                        .path("panels")
                        .forEach(panel -> panel.path("targets")
                                .forEach(target ->
                                        expressions.add(target.path("expr").stringValue())));
            }
        }
        assertThat(expressions).isNotEmpty().doesNotContainNull();
        return expressions;
    }

    private static Set<String> found(Pattern pattern, String expression, int group) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = pattern.matcher(expression);
        while (matcher.find()) {
            found.add(matcher.group(group));
        }
        return found;
    }
}
