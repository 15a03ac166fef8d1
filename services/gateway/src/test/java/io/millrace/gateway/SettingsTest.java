package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.operations.access.Origin;
import io.millrace.operations.settings.Content;
import io.millrace.operations.settings.Difference;
import io.millrace.operations.settings.Flag;
import io.millrace.operations.settings.Settings;
import io.millrace.operations.settings.Version;
import io.millrace.platform.failure.MillraceException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What hubs run with, and flags. */
@SuppressWarnings("NullAway.Init")
class SettingsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    static Path directory;

    static GatewayServer server;
    static Settings settings;

    @BeforeAll
    static void start() throws Exception {
        server = new GatewayServer(directory);
        settings = server.access.settings();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Content catalog(String sql) {
        return new Content(Version.Kind.CATALOG, Map.of("views/a.sql", sql, "sources/erp.yaml", "tables: []\n"));
    }

    private static JsonNode json(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    @Test
    void version_isItsContent_andTellsWhatIsAnother() throws Exception {
        Version first = settings.record(catalog("SELECT 1\nFROM a\n"), "ben", "hub-1");
        assertThat(settings.record(catalog("SELECT 1\nFROM a\n"), "carl", "hub-2"))
                .isEqualTo(first);
        Version second = settings.record(catalog("SELECT 2\nFROM a\n"), "carl", "hub-2");
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(new Content(Version.Kind.CATALOG, Map.of("a", "bc")).id())
                .isNotEqualTo(new Content(Version.Kind.CATALOG, Map.of("ab", "c")).id());
        assertThat(settings.content(second.id())).isEqualTo(catalog("SELECT 2\nFROM a\n"));
        List<String> difference = Difference.between(settings.content(first.id()), settings.content(second.id()));
        assertThat(difference)
                .containsExactly(
                        "--- a/views/a.sql",
                        "+++ b/views/a.sql",
                        "@@ -1,2 +1,2 @@",
                        "-SELECT 1",
                        "+SELECT 2",
                        " FROM a");
        JsonNode told = json(server.get("/api/v1/settings/versions/" + second.id() + "?before=" + first.id()));
        assertThat(told.path("difference").toString()).contains("-SELECT 1", "+SELECT 2");
        assertThat(told.path("content").path("views/a.sql").asString()).isEqualTo("SELECT 2\nFROM a\n");
        assertThat(server.get("/api/v1/settings/versions/000000000000").statusCode())
                .isEqualTo(404);
    }

    @Test
    void version_isApprovedBySomebodyElse_andThatIsAnEvent() throws Exception {
        Version version = settings.record(catalog("SELECT 3"), "ben", "");
        assertThatThrownBy(() -> settings.approve(version.id(), "mine", Origin.commandLine("ben")))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("ben proposed catalog " + version.id());
        JsonNode approved = json(
                server.post("/api/v1/settings/versions/" + version.id() + "/approvals", "{\"reason\": \"four eyes\"}"));
        assertThat(approved.path("approvedBy").asString()).startsWith("test (key ");
        assertThat(server.query("SELECT kind FROM access.event WHERE subject = 'catalog " + version.id()
                        + "' ORDER BY sequence"))
                .containsExactly("version proposed", "version approved");
    }

    @Test
    void hubThatRuns_isTold_withWhatItRunsWith() throws Exception {
        Content catalog = catalog("SELECT 4");
        Content configuration = new Content(Version.Kind.CONFIGURATION, Map.of("http.port", "8080"));
        Instant started = Instant.now().truncatedTo(ChronoUnit.MICROS);
        assertThat(settings.alive("hub-4", started)).isFalse();
        settings.run("hub-4", "1.2.3", List.of("sink", "views"), catalog, configuration, "ben", started);
        assertThat(settings.find(catalog.id()).orElseThrow().running()).containsExactly("hub-4");
        JsonNode run = json(server.get("/api/v1/settings/runs")).path("runs").path(0);
        assertThat(run.path("catalog").asString()).isEqualTo(catalog.id());
        assertThat(run.path("running").asBoolean()).isTrue();
        server.sql("UPDATE access.run SET seen_at = now() - interval '2 minutes'");
        assertThat(settings.find(catalog.id()).orElseThrow().running()).isEmpty();
        // Of an earlier start of that hub, nothing is said.
        assertThat(settings.alive("hub-4", started.minusSeconds(1))).isFalse();
        assertThat(settings.find(catalog.id()).orElseThrow().running()).isEmpty();
        assertThat(settings.alive("hub-4", started)).isTrue();
        assertThat(settings.find(catalog.id()).orElseThrow().running()).containsExactly("hub-4");
    }

    @Test
    void flag_hasEffectWithinSeconds_andEndsByItself_orBySomebody() throws Exception {
        String change = "/api/v1/flags/gateway-read-only/changes";
        String role = "{\"role\": \"buyer\", \"description\": \"x\", \"permissions\": [\"views:read\"]}";
        assertThat(server.post("/api/v1/roles", role).statusCode()).isEqualTo(200);
        JsonNode state = json(server.post(change, "{\"on\": true, \"reason\": \"restore\", \"expires\": \"1h\"}"));
        assertThat(state.path("on").asBoolean()).isTrue();
        assertThat(state.path("owner").asString()).startsWith("test (key ");
        HttpResponse<String> refused = server.post("/api/v1/roles", role);
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("read-only", "gateway-read-only is on");
        assertThat(server.get("/api/v1/roles").statusCode()).isEqualTo(200);
        json(server.post(change, "{\"on\": false, \"reason\": \"done\"}"));
        assertThat(server.post("/api/v1/roles", role).statusCode()).isEqualTo(200);

        settings.set(Flag.GATEWAY_READ_ONLY, true, "ben", "again", Instant.now().plusSeconds(3600), GatewayServer.BY);
        await().until(() -> server.post("/api/v1/roles", role).statusCode() == 503);
        server.sql("UPDATE access.flag SET expires_at = now()");
        await().until(() -> server.post("/api/v1/roles", role).statusCode() == 200);
        assertThat(server.post("/api/v1/flags/gateway-readonly/changes", "{\"on\": true, \"reason\": \"x\"}")
                        .body())
                .contains("did you mean 'gateway-read-only'?");
        assertThat(server.query("SELECT detail FROM access.event WHERE kind = 'flag changed' ORDER BY sequence"))
                .first()
                .asString()
                .startsWith("on until ")
                .endsWith(", restore");
    }
}
