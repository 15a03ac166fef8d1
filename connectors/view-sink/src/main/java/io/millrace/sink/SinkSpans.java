package io.millrace.sink;

import io.millrace.platform.trace.Trace;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.kafka.common.header.Headers;

/** Spans of batches that were read and are not yet applied: they wait for the other lanes. */
final class SinkSpans implements AutoCloseable {
    private final Queue<Waiting> waiting = new ArrayDeque<>();

    private record Waiting(long epoch, Span span) {}

    void read(Headers headers, int lane, long epoch) {
        Span span = Trace.next("sink", headers);
        if (span.isRecording()) {
            span.setAttribute("millrace.lane", lane).setAttribute("millrace.epoch", epoch);
            waiting.add(new Waiting(epoch, span));
        }
    }

    /** @param epoch that analysts see now, with all before it */
    void applied(long epoch) {
        waiting.removeIf(one -> {
            if (one.epoch <= epoch) {
                one.span.end();
            }
            return one.epoch <= epoch;
        });
    }

    @Override
    public void close() {
        waiting.forEach(one -> one.span
                .setStatus(StatusCode.ERROR, "not applied: it is read again")
                .end());
        waiting.clear();
    }
}
