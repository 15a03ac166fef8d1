package io.millrace.hub.telemetry;

import io.millrace.platform.metrics.HubMetric;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;

/** Counts what was to be sent: what is not sent in the end was dropped, since too many waited. */
final class EndedSpans implements SpanProcessor {
    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
        return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
        HubMetric.SPANS.counter("ended").increment();
    }

    @Override
    public boolean isEndRequired() {
        return true;
    }
}
