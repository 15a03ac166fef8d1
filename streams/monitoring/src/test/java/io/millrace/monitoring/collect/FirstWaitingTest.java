package io.millrace.monitoring.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.kafka.OwnTopics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstWaitingTest {
    private static final TopicPartition FEED = new TopicPartition("feed", 0);

    @TempDir
    static Path directory;

    @Test
    void markersAreNotWaitedFor_andWhatComesAfterThemIs() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(new EmbeddedKafka.Place.InThisJvm(), directory, 0);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.<String, Object>of(
                                "bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "writer"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
                FirstWaiting waiting =
                        new FirstWaiting(KafkaServers.at(kafka.bootstrapServers()), Duration.ofSeconds(5))) {
            OwnTopics.create(
                    KafkaServers.at(kafka.bootstrapServers()), List.of(new NewTopic(FEED.topic(), 1, (short) 1)));
            producer.initTransactions();
            write(producer, Instant.parse("2026-03-01T10:00:00Z"));

            // Offset 0 is the record, 1 its marker. A look has a limit of time: it may take several.
            FirstWaiting.From reader = new FirstWaiting.From(FEED, 1);
            FirstWaiting.From late = new FirstWaiting.From(FEED, 0);
            await().untilAsserted(() -> assertThat(waiting.look(Map.of(late, 2L, reader, 2L), from -> false))
                    .containsEntry(late, new FirstWaiting.First(0, Instant.parse("2026-03-01T10:00:00Z")))
                    .containsEntry(reader, new FirstWaiting.First(2, null)));

            write(producer, Instant.parse("2026-03-01T11:00:00Z"));
            assertThat(waiting.look(Map.of(reader, 4L), from -> from.next() == 2))
                    .as("it came a moment ago, whenever its reader moved last")
                    .containsEntry(reader, new FirstWaiting.First(2, null));
            await().untilAsserted(() -> assertThat(waiting.look(Map.of(reader, 4L), from -> false))
                    .containsEntry(reader, new FirstWaiting.First(2, Instant.parse("2026-03-01T11:00:00Z"))));

            kafka.close();
            assertThat(waiting.look(Map.of(reader, 4L), from -> false))
                    .as("what was seen once is not looked at again")
                    .containsEntry(reader, new FirstWaiting.First(2, Instant.parse("2026-03-01T11:00:00Z")));
        }
    }

    private static void write(KafkaProducer<byte[], byte[]> producer, Instant at) throws Exception {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(FEED.topic(), 0, at.toEpochMilli(), null, new byte[] {1}))
                .get();
        producer.commitTransaction();
    }
}
