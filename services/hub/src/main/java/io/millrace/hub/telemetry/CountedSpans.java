package io.millrace.hub.telemetry;

import io.millrace.platform.metrics.HubMetric;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;

/** Counts what a collector took and what it did not: a span that is not taken is lost. */
final class CountedSpans implements SpanExporter {
    private final SpanExporter exporter;

    CountedSpans(SpanExporter exporter) {
        this.exporter = exporter;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        CompletableResultCode result = exporter.export(spans);
        return result.whenComplete(() ->
                HubMetric.SPANS.counter(result.isSuccess() ? "taken" : "lost").increment(spans.size()));
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
