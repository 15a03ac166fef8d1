package io.millrace.hub.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.hub.Millrace;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.YamlFile;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.Origin;
import io.millrace.operations.settings.Flag;
import io.millrace.operations.settings.Run;
import io.millrace.operations.settings.Settings;
import io.millrace.operations.settings.Version;
import io.millrace.platform.failure.MillraceException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init")
class HubSettingsTest {
    private static final byte[] PICTURE = {(byte) 0x89, 'P', 'N', 'G', 0, 1, (byte) 0xff};

    @TempDir
    static Path directory;

    static EmbeddedPostgres postgres;
    static Path catalog;
    static Path file;

    @BeforeAll
    static void start() throws Exception {
        postgres = EmbeddedPostgres.start(directory.resolve("postgres"), 0, Map.of("fsync", "off"));
        catalog = directory.resolve("catalog");
        Files.createDirectories(catalog.resolve("views"));
        Files.writeString(catalog.resolve("views/a.sql"), "SELECT 1\n");
        Files.writeString(catalog.resolve("empty.yaml"), "");
        Files.write(catalog.resolve("logo.png"), PICTURE);
        file = Files.writeString(
                directory.resolve("millrace.yaml"),
                "catalog: " + catalog + "\ndata: " + directory.resolve("data")
                        + "\nkafka: {bootstrap-servers: '127.0.0.1:1'}\nregistry: {url: 'http://127.0.0.1:1'}\n"
                        + "analytics: {url: '" + postgres.jdbcUrl("analytics") + "', user: " + EmbeddedPostgres.USER
                        + ", password: " + EmbeddedPostgres.PASSWORD + "}\n"
                        + "llm: {key: very-secret}\n");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static HubConfig config() {
        return YamlFile.read(file, HubConfig.class);
    }

    private static String millrace(String... arguments) {
        StringWriter printed = new StringWriter();
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = file.toString();
        Millrace.commandLine()
                .setOut(new PrintWriter(printed, true))
                .setErr(new PrintWriter(printed, true))
                .execute(all);
        return printed.toString();
    }

    private static Access access() {
        return Access.ready(postgres.jdbcUrl("analytics"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
    }

    @Test
    @Order(1)
    void withoutTheFlag_everyCatalogIsTaken() {
        HubSettings.requireApproved(config());
        try (Access access = access()) {
            HubSettings.requireApproved(config());
            assertThat(access.settings().versions()).isEmpty();
        }
    }

    @Test
    @Order(2)
    void catalog_isTakenOnceSomebodyElseApprovedIt_andAnyChangeNeedsAnother() throws Exception {
        assertThat(millrace("settings", "set", "catalog-needs-second-person", "on", "--reason", "four eyes"))
                .contains("catalog-needs-second-person is on");
        assertThatThrownBy(() -> HubSettings.requireApproved(config()))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("is not approved, and flag catalog-needs-second-person is on");
        String id = millrace("settings", "propose", "--by", "ben").strip();
        assertThat(millrace("settings", "approve", id, "--reason", "mine", "--by", HubSettings.user()))
                .contains("have somebody else approve it");
        assertThat(millrace("settings", "approve", id, "--reason", "right", "--by", "carla"))
                .contains("catalog " + id + " is approved by carla");
        HubSettings.requireApproved(config());

        Files.writeString(catalog.resolve("views/a.sql"), "SELECT 2\n");
        assertThatThrownBy(() -> HubSettings.requireApproved(config())).isInstanceOf(MillraceException.class);
        assertThat(millrace("settings", "diff", id)).contains("-SELECT 1", "+SELECT 2");
        assertThat(millrace("settings", "list")).contains("carla", id);
        millrace("settings", "set", "catalog-needs-second-person", "off", "--reason", "enough");
        HubSettings.requireApproved(config());
    }

    @Test
    @Order(3)
    void catalogOfBefore_isRestored_byteByByte() throws Exception {
        Path before = directory.resolve("before");
        String id;
        try (Access access = access()) {
            id = access.settings().versions().stream()
                    .filter(version -> "carla".equals(version.approvedBy()))
                    .findFirst()
                    .orElseThrow()
                    .id();
        }
        assertThat(millrace("settings", "restore", id, "--into", before.toString()))
                .contains("3 files are in");
        assertThat(before.resolve("views/a.sql")).hasContent("SELECT 1");
        assertThat(before.resolve("empty.yaml")).isEmptyFile();
        assertThat(Files.readAllBytes(before.resolve("logo.png"))).isEqualTo(PICTURE);
        assertThat(millrace("settings", "restore", id, "--into", before.toString()))
                .contains("is not empty");
    }

    @Test
    @Order(4)
    void hubThatRuns_tellsWithWhat_andNoSecret() {
        HubSettings running = java.util.Objects.requireNonNull(HubSettings.start(config()));
        try (Access access = access()) {
            Settings settings = access.settings();
            await().until(() -> settings.runs().stream().anyMatch(Run::running));
            Run run = settings.runs().getFirst();
            assertThat(settings.content(run.catalog()).texts()).containsEntry("views/a.sql", "SELECT 2\n");
            assertThat(settings.content(run.configuration()).texts())
                    .containsEntry("llm.key", "(secret)")
                    .doesNotContainValue("very-secret");
            assertThat(settings.find(run.configuration()).orElseThrow().kind()).isEqualTo(Version.Kind.CONFIGURATION);
        } finally {
            running.close();
        }
        assertThat(millrace("settings", "running")).contains("yes");
    }

    /** Capture must go on: the source keeps its log for it. */
    @Test
    @Order(5)
    void whereThatIsNotKnown_theHubStarts() throws Exception {
        try (Access access = access()) {
            access.settings()
                    .set(Flag.CATALOG_NEEDS_SECOND_PERSON, true, "ben", "again", null, Origin.commandLine("ben"));
        }
        assertThatThrownBy(() -> HubSettings.requireApproved(config())).isInstanceOf(MillraceException.class);
        Path away = Files.writeString(
                directory.resolve("away.yaml"),
                Files.readString(file).replaceFirst("jdbc:postgresql://[^/]*/", "jdbc:postgresql://127.0.0.1:1/"));
        HubSettings.requireApproved(YamlFile.read(away, HubConfig.class));
    }
}
