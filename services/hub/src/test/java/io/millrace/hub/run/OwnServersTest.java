package io.millrace.hub.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.YamlFile;
import io.millrace.platform.failure.MillraceException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In the production artefact, as here. */
class OwnServersTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private HubConfig config(String yaml) throws Exception {
        return YamlFile.read(
                Files.writeString(
                        directory.resolve("millrace.yaml"), "data: " + directory.resolve("data") + "\n" + yaml),
                HubConfig.class);
    }

    @Test
    void addressesThatAreOmitted_areNamed_beforeAnythingIsWritten() throws Exception {
        HubConfig config = config("registry: {url: 'http://127.0.0.1:1'}\n");
        assertThatThrownBy(() -> Hub.start(config))
                .isInstanceOf(MillraceException.class)
                .hasMessage(
                        "the configuration does not name kafka.bootstrap-servers, source.url, analytics.url, mail.smtp.host");
        assertThat(directory.resolve("data")).doesNotExist();
    }

    @Test
    void portInUse_isToldOfBeforeAnythingIsWritten() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HubConfig config = config("roles: [source]\nhttp: {port: " + taken.getLocalPort()
                    + "}\nkafka: {bootstrap-servers: '127.0.0.1:1'}\nregistry: {url: 'http://127.0.0.1:1'}\n"
                    + "source: {url: 'jdbc:postgresql://127.0.0.1:1/erp'}\n");
            assertThatThrownBy(() -> Hub.start(config))
                    .isInstanceOf(MillraceException.class)
                    .hasMessage("port " + taken.getLocalPort() + " on 127.0.0.1 is in use");
        }
        assertThat(directory.resolve("data")).doesNotExist();
    }

    @Test
    void serversThatNoRoleNeeds_mayBeOmitted() throws Exception {
        String kafka = "kafka: {bootstrap-servers: '127.0.0.1:1'}\nregistry: {url: 'http://127.0.0.1:1'}\n";
        assertThat(config(kafka + "roles: [source, views]\nsource: {url: 'jdbc:postgresql://127.0.0.1:1/erp'}\n")
                        .omitted())
                .isEmpty();
        for (String role : List.of("sink", "gateway", "notifications, enrichment")) {
            assertThat(config(kafka + "roles: [" + role + "]\nmail: {providers: [resend]}\n")
                            .omitted())
                    .as(role)
                    .containsExactly("analytics.url");
        }
        assertThat(config(kafka + "roles: [monitoring]\n").omitted()).containsExactly("source.url", "analytics.url");
        assertThat(config(kafka + "roles: [views, governance]\n").omitted()).isEmpty();
        assertThat(config(kafka + "roles: [notifications]\nmail: {providers: [resend]}\n")
                        .omitted())
                .doesNotContain("mail.smtp.host");
    }
}
