package io.millrace.source.publish;

import io.millrace.platform.trace.Trace;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.avro.Operation;
import io.opentelemetry.api.trace.Span;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/** Records of row topics that are held back until the commit of their transaction is known, which their headers tell. */
final class HeldRows {
    /** More are not held: a large transaction's first rows go without its commit. */
    private static final int LIMIT_BYTES = 4 * 1024 * 1024;

    private static final Map<Operation, Header> OPERATIONS = new EnumMap<>(Operation.class);

    static {
        for (Operation each : Operation.values()) {
            OPERATIONS.put(each, header("millrace.op", each));
        }
    }

    private final List<ProducerRecord<byte[], byte[]>> rows = new ArrayList<>();
    private int bytes;

    void add(String topic, Lane lane, Operation operation, byte[] key, byte @Nullable [] value) {
        ProducerRecord<byte[], byte[]> row = new ProducerRecord<>(topic, lane.index(), key, value);
        row.headers().add(Objects.requireNonNull(OPERATIONS.get(operation)));
        rows.add(row);
        bytes += key.length + (value == null ? 0 : value.length);
    }

    boolean full() {
        return bytes > LIMIT_BYTES;
    }

    /**
     * Sends them all.
     *
     * @param end null where the transaction goes on
     * @param span of the epoch
     */
    void release(
            long xid,
            @Nullable Lsn end,
            @Nullable Instant committedAt,
            @Nullable String actor,
            Span span,
            Consumer<ProducerRecord<byte[], byte[]>> send) {
        // The same objects for all rows: the text of each is made once.
        List<Header> headers = new ArrayList<>(Trace.headers(span));
        headers.add(header("millrace.xid", xid));
        if (end != null) {
            headers.add(header("millrace.lsn", end));
        }
        if (committedAt != null) {
            headers.add(header("millrace.committed_at", committedAt));
        }
        if (actor != null) {
            headers.add(header("millrace.actor", actor));
        }
        for (ProducerRecord<byte[], byte[]> row : rows) {
            headers.forEach(row.headers()::add);
            send.accept(row);
        }
        clear();
    }

    void clear() {
        rows.clear();
        bytes = 0;
    }

    private static Header header(String name, Object value) {
        return new RecordHeader(name, value.toString().getBytes(StandardCharsets.UTF_8));
    }
}
