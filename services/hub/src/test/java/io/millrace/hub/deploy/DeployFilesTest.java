package io.millrace.hub.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.Role;
import io.millrace.hub.config.YamlFile;
import io.millrace.platform.metrics.HubMetric;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is under deploy/, and the compose file: what they name is there, and what they must have they have. */
@SuppressWarnings("NullAway.Init")
class DeployFilesTest {
    private static final Path DEPLOY = Path.of("../../deploy");
    private static final Pattern METRIC = Pattern.compile("\\bmillrace_[a-z0-9_]+");
    private static final Pattern RECORDING = Pattern.compile("\\bmillrace:[a-z0-9_:]+");
    private static final Pattern LABELS = Pattern.compile("by \\(([a-z, ]+)\\)");

    @TempDir
    static Path directory;

    private static Path secret;

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

    /** Who is woken at night has a page that says what to do. */
    @Test
    void everyAlert_hasARunbook() throws Exception {
        Path docs = DEPLOY.resolve("..");
        Set<String> named = new TreeSet<>();
        for (Map<String, String> rule : rules()) {
            if (rule.containsKey("alert")) {
                String runbook =
                        String.valueOf(rule.get("annotations")).replaceFirst("(?s).*\\brunbook=([^,}]+).*", "$1");
                assertThat(docs.resolve(runbook)).as(rule.get("alert")).isRegularFile();
                assertThat(Files.readString(docs.resolve(runbook)))
                        .as(runbook)
                        .contains(String.valueOf(rule.get("alert")))
                        .contains("## What it means", "## What to look at", "## What to do", "## When to wake whom");
                assertThat(Files.readString(docs.resolve("docs/runbooks/README.md")))
                        .contains("`" + rule.get("alert") + "`");
                named.add(Path.of(runbook).getFileName().toString());
            }
        }
        assertThat(named).hasSizeGreaterThan(4);
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

    /** As Docker merges it: keys with {@code <<} are the service's own. */
    @SuppressWarnings("unchecked") // YAML's maps
    private static Map<String, Map<String, Object>> services() throws Exception {
        Map<String, Object> compose =
                new Yaml().load(Files.readString(DEPLOY.resolve("../docker-compose.production.yml")));
        return (Map<String, Map<String, Object>>) Objects.requireNonNull(compose.get("services"));
    }

    /** Docker gives the others addresses from the range alone: one of them could have had a colour's, and the stack would not start. */
    @Test
    @SuppressWarnings("unchecked") // YAML's maps
    void fixedAddresses_areThoseThatDockerGivesToNobodyElse() throws Exception {
        Map<String, Object> compose =
                new Yaml().load(Files.readString(DEPLOY.resolve("../docker-compose.production.yml")));
        Map<String, Object> networks = (Map<String, Object>) Objects.requireNonNull(compose.get("networks"));
        assertThat(String.valueOf(networks.get("inside")))
                .contains("subnet=172.30.0.0/24")
                .contains("gateway=172.30.0.1,")
                .contains("ip_range=172.30.0.128/25");
        List<String> fixed = new ArrayList<>();
        services().values().forEach(service -> {
            Matcher address =
                    Pattern.compile("ipv4_address=([0-9.]+)").matcher(String.valueOf(service.get("networks")));
            while (address.find()) {
                fixed.add(address.group(1));
            }
        });
        assertThat(fixed)
                .hasSize(2)
                .allMatch(address -> address.matches("172\\.30\\.0\\.([2-9]|[1-9]\\d|1[01]\\d|12[0-7])"));
        assertThat(Files.readString(DEPLOY.resolve("nginx/upstreams.conf"))).contains(fixed);
    }

    @Test
    void everyContainer_isLimited_andNoSecretIsInTheFile() throws Exception {
        services().forEach((name, service) -> {
            assertThat(service).as(name).containsKeys("image", "restart", "security_opt", "logging", "networks");
            assertThat(String.valueOf(service.get("security_opt"))).as(name).contains("no-new-privileges");
            boolean hub = String.valueOf(service.get("image")).contains("MILLRACE_IMAGE");
            if (hub) {
                assertThat(service).as(name).containsEntry("read_only", true).containsEntry("user", "65532:65532");
                assertThat(String.valueOf(service.get("tmpfs"))).as(name).contains("exec");
                assertThat(service).as(name).containsKeys("mem_limit", "volumes", "cap_drop");
            }
            Map<?, ?> environment = service.get("environment") instanceof Map<?, ?> map ? map : Map.of();
            environment.forEach((variable, value) -> {
                if (variable.toString().contains("PASSWORD")
                        || variable.toString().contains("KEY")) {
                    assertThat(value.toString()).as(name + " " + variable).startsWith("/run/secrets/");
                }
            });
        });
    }

    @Test
    void onlyNginxAndThePoolOfAnalysts_areReachedFromOutside() throws Exception {
        services().forEach((name, service) -> {
            List<?> ports = service.get("ports") instanceof List<?> list ? list : List.of();
            if (!name.equals("nginx")) {
                ports.forEach(port -> assertThat(port.toString()).as(name).contains("127.0.0.1:"));
            }
        });
    }

    /** Each role of a hub runs in one of the services, with the one configuration that they share. */
    @Test
    void configurationOfAllHubs_isRead_andEveryRoleRuns() throws Exception {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (Map<String, Object> service : services().values()) {
            if (String.valueOf(service.get("image")).contains("MILLRACE_IMAGE")
                    && service.get("environment") instanceof Map<?, ?> environment) {
                Map<String, String> set = new TreeMap<>();
                environment.forEach((variable, value) -> set.put(variable.toString(), value.toString()));
                set.replaceAll((variable, value) ->
                        variable.endsWith("_FILE") ? secret.toString() : value.replaceAll("\\$\\{.*}", "25"));
                set.put("SOURCE_URL", "jdbc:postgresql://erp/erp");
                set.put("PUBLIC_URL", "https://millrace.example.com");
                set.forEach(System::setProperty);
                try {
                    HubConfig config = YamlFile.read(DEPLOY.resolve("millrace.yaml"), HubConfig.class);
                    roles.addAll(config.roles());
                    assertThat(config.analytics().password().reveal()).isEqualTo("of a file");
                } finally {
                    set.keySet().forEach(System::clearProperty);
                }
            }
        }
        assertThat(roles).containsExactlyInAnyOrder(Role.values());
    }

    @BeforeAll
    static void writeSecret() throws Exception {
        secret = Files.writeString(directory.resolve("secret"), "of a file\n");
    }

    @Test
    void compose_isRight_byDockerItself() throws Exception {
        assumeThat(succeeds("docker", "compose", "version"))
                .as("docker compose is installed")
                .isTrue();
        assertThat(succeeds(
                        "docker",
                        "compose",
                        "--file",
                        DEPLOY.resolve("../docker-compose.production.yml").toString(),
                        "--env-file",
                        DEPLOY.resolve("env.example").toString(),
                        "config",
                        "--quiet"))
                .isTrue();
    }

    @Test
    void scripts_areRight_byShellcheck() throws Exception {
        assumeThat(succeeds("shellcheck", "--version"))
                .as("shellcheck is installed")
                .isTrue();
        try (Stream<Path> files = Files.list(DEPLOY)) {
            for (Path script :
                    files.filter(file -> file.toString().endsWith(".sh")).toList()) {
                assertThat(succeeds("shellcheck", "-x", script.toString()))
                        .as(script.toString())
                        .isTrue();
                assertThat(Files.isExecutable(script)).as(script.toString()).isTrue();
            }
        }
    }

    private static boolean succeeds(String... command) throws Exception {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (java.io.IOException notThere) {
            return false;
        }
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
