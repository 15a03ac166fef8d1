package io.millrace.monitoring.collect;

import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What one round found. A problem is empty, or says why a part of it could not be read, and then that part is null or empty.
 *
 * @param published up to where the source is in Kafka
 * @param retainedPerSecond by which the log that the slot keeps grows
 * @param idleSince when the source changed last; null if it changes
 * @param hints what the roles of this process say of themselves, by stage
 */
record Facts(
        String kafkaProblem,
        Map<String, KafkaPositions.Group> groups,
        Map<TopicPartition, Long> ends,
        @Nullable Long published,
        String sourceProblem,
        SourceLog.@Nullable Position source,
        double retainedPerSecond,
        String analyticsProblem,
        AnalyticsPositions.@Nullable Position analytics,
        @Nullable Instant idleSince,
        Map<String, String> hints) {}
