package io.millrace.views.topology;

import io.millrace.platform.trace.Trace;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Epoch;
import io.millrace.streams.Outgoing;
import io.millrace.streams.RecordReader;
import io.millrace.views.lane.LaneCore;
import io.millrace.views.lane.LaneStatus;
import io.millrace.views.lane.LaneStores;
import io.millrace.views.lane.LaneViews;
import io.millrace.views.lane.PublishedRecords;
import io.opentelemetry.api.trace.Span;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** A lane within Kafka Streams: one feed record is one step, so every commit that Kafka Streams chooses falls between epochs. */
final class LaneProcessor implements Processor<byte[], byte[], byte[], Outgoing> {
    private final LaneViews views;
    private final PublishedRecords records;
    private final LaneStatus status;
    private final RecordReader<Epoch> feed;

    // Made again by init, which may run again on the same object.
    private @Nullable Work work;

    /**
     * @param records of the lanes, as they are in the topics
     * @param status where the lanes tell of themselves
     */
    LaneProcessor(LaneViews views, PublishedRecords records, LaneStatus status) {
        this.views = views;
        this.records = records;
        this.status = status;
        this.feed = new RecordReader<>(new Topics(views.registry()).transactions(views.source()), views.registry());
    }

    @Override
    public void init(ProcessorContext<byte[], Outgoing> context) {
        work = new Work(context);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Objects.requireNonNull(work).process(record);
    }

    private final class Work {
        private final ProcessorContext<byte[], Outgoing> context;
        private final Lane lane;
        private final LaneCore core;

        /** Of the epoch at work. */
        private List<Header> traceHeaders = List.of();

        Work(ProcessorContext<byte[], Outgoing> context) {
            this.context = context;
            this.lane = new Lane(context.taskId().partition());
            this.core = new LaneCore(
                    views,
                    lane,
                    new LaneStores(
                            context.getStateStore(ViewsTopology.ROWS),
                            context.getStateStore(ViewsTopology.PARTS),
                            context.getStateStore(ViewsTopology.PUBLISHED),
                            context.getStateStore(ViewsTopology.APPLIED)),
                    records,
                    status,
                    this::forward);
        }

        private void forward(byte @Nullable [] key, Outgoing outgoing) {
            context.forward(
                    new Record<>(key, outgoing, context.currentSystemTimeMs(), new RecordHeaders(traceHeaders)));
        }

        void process(Record<byte[], byte[]> record) {
            // If it was one of the feed's, the core finds that it is missing.
            Epoch epoch = feed.read(context, record);
            if (epoch == null || !core.takes(epoch)) {
                return;
            }
            Span span = Trace.next("views", record.headers());
            traceHeaders = Trace.headers(span);
            if (span.isRecording()) {
                span.setAttribute("millrace.lane", lane.index()).setAttribute("millrace.epoch", epoch.getEpoch());
            }
            try {
                core.process(epoch, record.value());
            } finally {
                span.end();
            }
        }
    }
}
