package io.millrace.hub.telemetry;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.Secret;
import io.millrace.hub.http.HubServer;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.metrics.HubMetric;
import java.util.List;
import org.junit.jupiter.api.Test;

class DatadogTest {
    @Test
    void wrongAddress_isRefused_withoutTheKey() {
        assertThatThrownBy(() -> HubServer.start(
                        new HubConfig.Http("127.0.0.1", 0, ""),
                        new HubConfig.Datadog("api.example.test", Secret.of("s3cret")),
                        List.of()))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("datadog.url")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void metrics_areSent_withTheKey() {
        WireMockServer datadog =
                new WireMockServer(WireMockConfiguration.options().dynamicPort());
        datadog.start();
        try {
            datadog.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(202)));
            HubServer server = HubServer.start(
                    new HubConfig.Http("127.0.0.1", 0, ""),
                    new HubConfig.Datadog(datadog.baseUrl(), Secret.of("the-key")),
                    List.of());
            HubMetric.MAIL_UNSUBSCRIBED.counter().increment();
            // What was not sent yet goes at the end.
            server.close();
            assertThat(datadog.findAll(postRequestedFor(urlPathEqualTo("/api/v1/series"))))
                    .isNotEmpty()
                    .anySatisfy(request -> {
                        assertThat(request.getBodyAsString()).contains("millrace.mail.unsubscribed");
                        assertThat(request.getUrl()).contains("api_key=the-key");
                    });
        } finally {
            datadog.stop();
        }
    }
}
