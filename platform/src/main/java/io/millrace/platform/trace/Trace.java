package io.millrace.platform.trace;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Spans of a source transaction's way. Whether it is followed is decided at its capture: what carries no context is not followed
 * any more, so most records cost nothing but the look at their headers. Where the hub exports no traces, all of it does nothing.
 */
public final class Trace {
    /** Of a Kafka record, as W3C Trace Context has it. */
    public static final String HEADER = "traceparent";

    private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();
    private static final TextMapGetter<String> ONE = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(String traceparent) {
            return List.of(HEADER);
        }

        @Override
        public @Nullable String get(@Nullable String traceparent, String key) {
            return HEADER.equals(key) ? traceparent : null;
        }
    };

    private Trace() {}

    private static Tracer tracer() {
        return GlobalOpenTelemetry.getTracer("io.millrace");
    }

    /** The first span of a trace, if this one is to be followed; it began when the source committed. */
    public static Span begin(String name, Instant committedAt) {
        return tracer().spanBuilder(name)
                .setNoParent()
                .setStartTimestamp(committedAt)
                .startSpan();
    }

    /** The next span of the trace that a record belongs to; does nothing if it belongs to none. */
    public static Span next(String name, Headers headers) {
        return next(name, of(headers));
    }

    /** @param traceparent as from {@link #text}; empty for none */
    public static Span next(String name, String traceparent) {
        if (traceparent.isEmpty()) {
            return Span.getInvalid();
        }
        SpanBuilder builder = tracer().spanBuilder(name).setParent(W3C.extract(Context.root(), traceparent, ONE));
        return builder.startSpan();
    }

    /** What a record carries; empty for nothing. */
    public static String of(Headers headers) {
        Header header = headers.lastHeader(HEADER);
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    /** What makes records part of the span's trace; empty if it is not followed. */
    public static List<Header> headers(Span span) {
        String text = text(span);
        return text.isEmpty() ? List.of() : List.of(new RecordHeader(HEADER, text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A span's place in its trace, to be kept; empty if it is not followed. */
    public static String text(Span span) {
        if (!span.getSpanContext().isSampled()) {
            return "";
        }
        Map<String, String> carrier = new HashMap<>();
        W3C.inject(Context.root().with(span), carrier, (into, key, value) -> {
            if (into != null) {
                into.put(key, value);
            }
        });
        return carrier.getOrDefault(HEADER, "");
    }
}
