package io.millrace.hub.telemetry;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.YamlFile;
import io.millrace.platform.failure.MillraceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class SentryErrorsTest {
    private static final Logger LOG = LoggerFactory.getLogger(SentryErrorsTest.class);

    @TempDir
    Path folder;

    @Test
    void errors_areTold_withTheWarningsBefore_otherLinesAreNot() throws Exception {
        WireMockServer sentry =
                new WireMockServer(WireMockConfiguration.options().dynamicPort());
        sentry.start();
        // Or the line that must not be told would not even be logged.
        ((ch.qos.logback.classic.Logger) LOG).setLevel(Level.INFO);
        try {
            sentry.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(200).withBody("{}")));
            try (SentryErrors errors = start("http://public@127.0.0.1:" + sentry.port() + "/42")) {
                LOG.info("all is well");
                LOG.warn("the slot grows");
                LOG.error("the slot is lost");
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> bodies(sentry).contains("the slot is lost"));
            }
            assertThat(bodies(sentry))
                    .contains("the slot grows", "\"server_name\":\"hub\"", "\"environment\":\"production\"")
                    .doesNotContain("all is well");
        } finally {
            sentry.stop();
        }
    }

    private static String bodies(WireMockServer server) {
        return server.getAllServeEvents().stream()
                .map(event -> LoggedRequest.createFrom(event.getRequest()).getBodyAsString())
                .collect(Collectors.joining("\n"));
    }

    @Test
    void wrongDsn_isRefused_andNotShown() {
        assertThatThrownBy(() -> start("s3cret-no-address"))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("sentry.dsn")
                .hasMessageNotContaining("s3cret");
    }

    private SentryErrors start(String dsn) throws Exception {
        Path file = folder.resolve("millrace.yaml");
        Files.writeString(file, "sentry: {dsn: '" + dsn + "'}\n");
        return SentryErrors.start(YamlFile.read(file, HubConfig.class));
    }
}
