package io.millrace.embedded;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/** Takes spans as an OpenTelemetry collector does, by OTLP over HTTP, and keeps the newest traces in memory. */
public final class TraceCollector implements AutoCloseable {
    private static final int KEPT = 20_000;
    private static final String PATH = "/v1/traces";

    private final LocalHttp server;
    private final Map<String, List<Step>> traces = new LinkedHashMap<>();

    /**
     * A span.
     *
     * @param parent empty for the first of a trace
     * @param attributes of it, and what happened in it: by the event's name, the values of its attributes
     * @param failed whether its status is an error
     */
    public record Step(
            String id,
            String parent,
            String name,
            Instant begin,
            Instant end,
            Map<String, String> attributes,
            boolean failed) {}

    private TraceCollector(int port) {
        this.server = LocalHttp.start(port, Map.of(PATH, this::take));
    }

    /** @param port 0 takes a free one */
    public static TraceCollector start(int port) {
        return new TraceCollector(port);
    }

    /** To send spans to. */
    public String endpoint() {
        return server.url() + PATH;
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            try (InputStream body =
                    zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
                keep(ExportTraceServiceRequest.parseFrom(body));
            }
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            // An empty message is the answer that all were taken.
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private synchronized void keep(ExportTraceServiceRequest request) {
        request.getResourceSpansList()
                .forEach(resource -> resource.getScopeSpansList()
                        .forEach(scope -> scope.getSpansList()
                                .forEach(span -> traces.computeIfAbsent(
                                                hex(span.getTraceId()), unseen -> new ArrayList<>())
                                        .add(step(span)))));
        while (traces.size() > KEPT) {
            traces.remove(traces.keySet().iterator().next());
        }
    }

    private static Step step(Span span) {
        Map<String, String> attributes = attributes(span.getAttributesList());
        span.getEventsList()
                .forEach(event -> attributes.merge(
                        event.getName(),
                        String.join(", ", attributes(event.getAttributesList()).values()),
                        (first, next) -> first + "; " + next));
        return new Step(
                hex(span.getSpanId()),
                hex(span.getParentSpanId()),
                span.getName(),
                Instant.ofEpochSecond(0, span.getStartTimeUnixNano()),
                Instant.ofEpochSecond(0, span.getEndTimeUnixNano()),
                attributes,
                span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR);
    }

    private static Map<String, String> attributes(List<KeyValue> all) {
        Map<String, String> attributes = new TreeMap<>();
        all.forEach(one -> attributes.put(one.getKey(), text(one.getValue())));
        return attributes;
    }

    private static String text(AnyValue value) {
        return switch (value.getValueCase()) {
            case STRING_VALUE -> value.getStringValue();
            case INT_VALUE -> Long.toString(value.getIntValue());
            default -> value.toString();
        };
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    /** By trace id, the oldest first: the spans that came so far, by their begin. */
    public synchronized Map<String, List<Step>> traces() {
        Map<String, List<Step>> copy = new LinkedHashMap<>();
        traces.forEach((id, steps) -> copy.put(
                id, steps.stream().sorted(Comparator.comparing(Step::begin)).toList()));
        return copy;
    }

    @Override
    public void close() {
        server.close();
    }
}
