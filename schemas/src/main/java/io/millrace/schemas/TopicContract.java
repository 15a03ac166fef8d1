package io.millrace.schemas;

import java.util.List;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What those who read a topic may rely on; {@code docs/topics.md} and {@code docs/asyncapi.json} are written from it.
 *
 * @param name of the topic, with parameters such as {@code <source>} in it
 * @param audience for whom it is
 * @param summary what a record says, in a sentence
 * @param key of a record
 * @param keyMeaning what the key is
 * @param value schema of a record's value; null where each topic has its own, which the registry has
 * @param partitions where a record is
 * @param retention what Kafka keeps
 * @param tombstone what a record without a value says; empty where there is none
 * @param order in which records of a partition are
 * @param headers of records
 */
public record TopicContract(
        String name,
        Audience audience,
        String summary,
        Key key,
        String keyMeaning,
        @Nullable Schema value,
        Partitions partitions,
        Topic.Retention retention,
        String tombstone,
        String order,
        List<HeaderContract> headers) {
    /** For whom a topic is. */
    public enum Audience {
        /** Downstream systems: it changes compatibly only. */
        EVERYBODY,
        /** The hub's own parts, and commands. Others may read it, and see it change. */
        THE_HUB
    }

    /** How a key is written. */
    public enum Key {
        /** Avro behind the Confluent header: a record with the columns of the key. */
        AVRO,
        /** UTF-8. */
        TEXT,
        /** There is none. */
        NONE
    }

    /** Where a record is. */
    public enum Partitions {
        /** One partition for each lane of the source: partition 0 has lane 0. */
        LANES,
        /** As many as lanes; a record is where the hash of its key says, as Kafka's clients compute it. */
        BY_KEY,
        /** One. */
        ONE
    }

    /**
     * A header of records.
     *
     * @param always whether each record has it
     */
    public record HeaderContract(String name, boolean always, String meaning) {}

    private static final Pattern PARAMETER = Pattern.compile("<[a-z]+>");

    /** Whether it is the contract of a topic of this name. */
    public boolean covers(String topic) {
        StringBuilder pattern = new StringBuilder();
        int from = 0;
        var parameters = PARAMETER.matcher(name);
        while (parameters.find()) {
            pattern.append(Pattern.quote(name.substring(from, parameters.start())))
                    .append("[A-Za-z0-9_-]+");
            from = parameters.end();
        }
        return topic.matches(pattern.append(Pattern.quote(name.substring(from))).toString());
    }

    /** Its parameters' names, in order. */
    public List<String> parameters() {
        return PARAMETER
                .matcher(name)
                .results()
                .map(found -> found.group().substring(1, found.group().length() - 1))
                .toList();
    }
}
