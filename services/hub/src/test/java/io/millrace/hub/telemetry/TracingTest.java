package io.millrace.hub.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.embedded.TraceCollector;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.YamlFile;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.metrics.HubMetric;
import io.millrace.platform.trace.Trace;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracingTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @TempDir
    Path folder;

    @BeforeEach
    void fresh() {
        GlobalOpenTelemetry.resetForTest();
        Metrics.addRegistry(meters);
    }

    @AfterEach
    void end() {
        Metrics.removeRegistry(meters);
        GlobalOpenTelemetry.resetForTest();
    }

    @Test
    void withoutACollector_recordsCarryNothing() throws Exception {
        try (Tracing off = start("")) {
            assertThat(Trace.headers(Trace.begin("capture", Instant.now()))).isEmpty();
        }
    }

    @Test
    void spansOfOneTransaction_areOneTrace_overTheHeadersOfItsRecords() throws Exception {
        try (TraceCollector collector = TraceCollector.start(0)) {
            Instant committed = Instant.now().minusSeconds(1);
            try (Tracing on = start("endpoint: " + collector.endpoint() + ", sample: 1")) {
                Span first = Trace.begin("capture", committed);
                Span second = Trace.next("views", record(first));
                Span third = Trace.next("sink", record(second));
                List.of(first, second, third).forEach(Span::end);
                assertThat(record(second)).hasSize(1);
                assertThat(Trace.of(record(second)))
                        .matches("00-[0-9a-f]{32}-" + second.getSpanContext().getSpanId() + "-0[13]");
            }
            assertThat(collector.traces()).hasSize(1);
            List<TraceCollector.Step> steps =
                    collector.traces().values().iterator().next();
            assertThat(steps).extracting(TraceCollector.Step::name).containsExactly("capture", "views", "sink");
            assertThat(steps.get(1).parent()).isEqualTo(steps.get(0).id());
            assertThat(steps.get(2).parent()).isEqualTo(steps.get(1).id());
            assertThat(steps.getFirst().begin()).isEqualTo(committed);
            assertThat(HubMetric.SPANS.counter("taken").count()).isEqualTo(3);
            assertThat(HubMetric.SPANS.counter("ended").count()).isEqualTo(3);
        }
    }

    @Test
    void transactionThatIsNotSampled_isNotFollowedAnywhere() throws Exception {
        try (TraceCollector collector = TraceCollector.start(0)) {
            try (Tracing on = start("endpoint: " + collector.endpoint() + ", sample: 0")) {
                Span first = Trace.begin("capture", Instant.now());
                Span next = Trace.next("views", record(first));
                List.of(first, next).forEach(Span::end);
                assertThat(record(first)).isEmpty();
            }
            assertThat(collector.traces()).isEmpty();
        }
    }

    @Test
    void spansForACollectorThatIsAway_areCountedAsLost() throws Exception {
        String away;
        try (TraceCollector collector = TraceCollector.start(0)) {
            away = collector.endpoint();
        }
        try (Tracing on = start("endpoint: " + away + ", sample: 1")) {
            Trace.begin("capture", Instant.now()).end();
        }
        assertThat(HubMetric.SPANS.counter("lost").count()).isEqualTo(1);
    }

    @Test
    void wrongSettings_areRefused_withoutTheKey() {
        assertThatThrownBy(() -> start("endpoint: 'http://c/v1/traces', sample: 2"))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("'tracing.sample' is not a number from 0 to 1");
        assertThatThrownBy(() -> start("endpoint: 'collector:4318', key: hidden"))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("'tracing.endpoint' is not an address")
                .hasMessageNotContaining("hidden");
    }

    private static RecordHeaders record(Span span) {
        return new RecordHeaders(Trace.headers(span));
    }

    private Tracing start(String settings) throws Exception {
        Path file = folder.resolve("millrace.yaml");
        Files.writeString(file, settings.isEmpty() ? "roles: [source]\n" : "tracing: {" + settings + "}\n");
        return Tracing.start(YamlFile.read(file, HubConfig.class));
    }
}
