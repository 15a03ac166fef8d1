package io.millrace.enrichment.llm;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.matching.RequestPatternBuilder;
import io.millrace.enrichment.llm.Answer.Action;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each row of the table of failures, with one provider's API. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
abstract class LlmApiTest {
    private final String path;
    private final String model;
    private WireMockServer api;
    private Llm llm;

    LlmApiTest(String path, String model) {
        this.path = path;
        this.model = model;
    }

    /** With key {@code secret}. */
    abstract Llm llm(String baseUrl);

    /** An answer that is right. */
    abstract ResponseDefinitionBuilder right();

    /** The provider's own rows: what it answers, and what follows. */
    abstract Stream<Arguments> ofThisProvider();

    @BeforeAll
    void start() {
        api = new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
        api.start();
        llm = llm(api.baseUrl());
    }

    @AfterAll
    void stop() {
        api.stop();
    }

    @BeforeEach
    void reset() {
        api.resetAll();
    }

    final Answer ask(ResponseDefinitionBuilder answer) {
        api.stubFor(post(urlEqualTo(path)).willReturn(answer));
        return ask(model);
    }

    final Answer ask(String ofModel) {
        return ask(llm, ofModel);
    }

    private static Answer ask(Llm llm, String ofModel) {
        return llm.ask(new Llm.Question(
                ofModel,
                "system",
                "text",
                Map.of("type", "object", "properties", Map.of("a", Map.of("type", "string"))),
                50,
                Duration.ofSeconds(2)));
    }

    final RequestPatternBuilder asked() {
        return postRequestedFor(urlEqualTo(path));
    }

    final void verify(RequestPatternBuilder request) {
        api.verify(1, request);
    }

    static ResponseDefinitionBuilder json(String body) {
        return aResponse().withHeader("Content-Type", "application/json").withBody(body);
    }

    Stream<Arguments> failures() {
        return Stream.concat(
                ofThisProvider(),
                Stream.of(
                        Arguments.of(right().withFixedDelay(4_000), Action.RETRY),
                        Arguments.of(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER), Action.RETRY),
                        Arguments.of(json("{\"id\":"), Action.PERMANENT)));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failure_leadsToItsAction(ResponseDefinitionBuilder answer, Action action) {
        assertThat(ask(answer)).isInstanceOfSatisfying(Answer.Failed.class, failed -> {
            assertThat(failed.action()).as(failed.detail()).isEqualTo(action);
            assertThat(failed.detail()).doesNotContain("secret");
            if (failed.detail().startsWith("429 ") && action == Action.RETRY) {
                assertThat(failed.retryAfterSeconds()).isEqualTo(7L);
            }
        });
        // Another try is the caller's decision.
        verify(asked());
    }

    @Test
    void noServer_isTriedAgain() {
        assertThat(ask(llm("http://127.0.0.1:1"), model))
                .isInstanceOfSatisfying(
                        Answer.Failed.class,
                        failed -> assertThat(failed.action()).isEqualTo(Action.RETRY));
    }
}
