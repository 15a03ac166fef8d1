package io.millrace.demo.run;

import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.TopicContract;
import io.millrace.schemas.TopicContracts;
import io.millrace.schemas.registry.Framing;
import io.millrace.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Utils;

/** Reads every topic of a cluster as a stranger does who has only docs/topics.md and the registry, and says where it is not as told there. */
final class TopicReader {
    private static final int PROBLEMS_OF_A_TOPIC = 3;

    private final KafkaServers kafkaServers;
    private final SchemaRegistry registry;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Integer> records = new TreeMap<>();
    private final Map<Integer, Schema> schemas = new HashMap<>();

    TopicReader(KafkaServers kafkaServers, SchemaRegistry registry) {
        this.kafkaServers = kafkaServers;
        this.registry = registry;
    }

    /** How many records were read, by the name of their contract. */
    Map<String, Integer> records() {
        return records;
    }

    /** Returns what is not as it is told. */
    List<String> read() throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(kafkaServers.settings(Map.of()))) {
            for (String topic : new TreeSet<>(admin.listTopics().names().get())) {
                // Kafka Streams' own.
                if (topic.startsWith("millrace-")) {
                    continue;
                }
                TopicContract contract = TopicContracts.of(topic).orElse(null);
                if (contract == null) {
                    problems.add("no contract covers topic " + topic);
                } else {
                    configuration(admin, topic, contract);
                    read(topic, contract);
                }
            }
        }
        return problems;
    }

    private void configuration(Admin admin, String topic, TopicContract contract)
            throws ExecutionException, InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        String policy = Objects.requireNonNull(
                        admin.describeConfigs(Set.of(resource)).all().get().get(resource))
                .get("cleanup.policy")
                .value();
        String told = switch (contract.retention()) {
            case COMPACTED -> "compact";
            case WEEK, FOREVER -> "delete";
        };
        if (!policy.equals(told)) {
            problems.add(topic + ": its cleanup.policy is " + policy);
        }
        int partitions = Objects.requireNonNull(admin.describeTopics(Set.of(topic))
                        .allTopicNames()
                        .get()
                        .get(topic))
                .partitions()
                .size();
        if (contract.partitions() == TopicContract.Partitions.ONE && partitions != 1) {
            problems.add(topic + ": it has " + partitions + " partitions");
        }
    }

    private void read(String topic, TopicContract contract) {
        CommittedTopic committed = CommittedTopic.existing(kafkaServers, topic);
        int partitions = committed.ends().size();
        List<String> found = new ArrayList<>();
        int[] count = {0};
        committed.read(record -> {
            count[0]++;
            try {
                check(record, contract, found);
                if (contract.partitions() == TopicContract.Partitions.BY_KEY
                        && record.partition() != Utils.toPositive(Utils.murmur2(record.key())) % partitions) {
                    found.add(where(record) + ": its key belongs elsewhere");
                }
            } catch (IOException | RuntimeException unreadable) {
                found.add(where(record) + ": " + unreadable);
            }
        });
        if (count[0] > 0) {
            records.merge(contract.name(), count[0], Integer::sum);
        }
        found.stream().limit(PROBLEMS_OF_A_TOPIC).forEach(problems::add);
    }

    private void check(ConsumerRecord<byte[], byte[]> record, TopicContract contract, List<String> found)
            throws IOException {
        key(record, contract, found);
        headers(record, contract, found);
        byte[] value = record.value();
        if (value == null) {
            if (contract.tombstone().isEmpty()) {
                found.add(where(record) + ": it has no value");
            }
            return;
        }
        GenericRecord read = decode(value);
        Schema told = contract.value();
        if (told != null && !told.getFullName().equals(read.getSchema().getFullName())) {
            found.add(where(record) + ": it is a " + read.getSchema().getFullName());
        }
        if (contract.partitions() == TopicContract.Partitions.LANES
                && read.getSchema().getField("lane") != null
                && told != null
                && !Integer.valueOf(record.partition()).equals(read.get("lane"))) {
            found.add(where(record) + ": it is of lane " + read.get("lane"));
        }
    }

    private void key(ConsumerRecord<byte[], byte[]> record, TopicContract contract, List<String> found)
            throws IOException {
        byte[] key = record.key();
        if ((key == null) != (contract.key() == TopicContract.Key.NONE)) {
            found.add(where(record) + ": it has " + (key == null ? "no key" : "a key"));
            return;
        }
        switch (contract.key()) {
            case NONE -> {}
            case AVRO -> decode(key);
            case TEXT -> {
                try {
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key));
                } catch (CharacterCodingException binary) {
                    found.add(where(record) + ": its key is not a text");
                }
            }
        }
    }

    private static void headers(ConsumerRecord<byte[], byte[]> record, TopicContract contract, List<String> found) {
        Set<String> names = StreamSupport.stream(record.headers().spliterator(), false)
                .map(Header::key)
                .collect(Collectors.toSet());
        for (TopicContract.HeaderContract header : contract.headers()) {
            if (!names.remove(header.name()) && header.always()) {
                found.add(where(record) + ": it has no header " + header.name());
            }
        }
        if (!names.isEmpty()) {
            found.add(where(record) + ": nothing tells of its headers " + names);
        }
    }

    /** By Avro itself, with the schema that the record names. */
    private GenericRecord decode(byte[] framed) throws IOException {
        Schema schema = schemas.computeIfAbsent(Framing.schemaId(framed), registry::schema);
        BinaryDecoder decoder =
                DecoderFactory.get().binaryDecoder(framed, Framing.HEADER, framed.length - Framing.HEADER, null);
        GenericRecord record = new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
        if (!decoder.isEnd()) {
            throw new IOException("bytes are left after the record");
        }
        return record;
    }

    private static String where(ConsumerRecord<?, ?> record) {
        return record.topic() + "-" + record.partition() + ", offset " + record.offset();
    }
}
