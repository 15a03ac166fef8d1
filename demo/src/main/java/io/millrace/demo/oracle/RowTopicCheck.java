package io.millrace.demo.oracle;

import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowDecoder;
import io.millrace.source.SourceDefinition;
import io.millrace.source.server.SourceServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares each row topic, compacted by key, with its table. Nobody may write to the tables meanwhile. */
public final class RowTopicCheck {
    private static final int EXAMPLES = 5;
    private static final int FETCH_ROWS = 5_000;

    private final SourceDefinition definition;
    private final SourceServer server;
    private final KafkaServers kafkaServers;
    private final SchemaRegistry registry;

    public RowTopicCheck(
            SourceDefinition definition, SourceServer server, KafkaServers kafkaServers, SchemaRegistry registry) {
        this.definition = definition;
        this.server = server;
        this.kafkaServers = kafkaServers;
        this.registry = registry;
    }

    public List<Comparison> compare() throws SQLException {
        List<Comparison> comparisons = new ArrayList<>();
        try (Connection connection = server.connect()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET TIME ZONE 'UTC'");
            }
            for (TableName table : definition.tables()) {
                comparisons.add(compare(connection, table));
            }
        }
        return comparisons;
    }

    private Comparison compare(Connection connection, TableName table) throws SQLException {
        String topic = Topics.rowsName(definition.name(), table);
        RelationSchema relation = registry.latest(topic + "-value")
                .map(schema -> RelationSchema.of(table, schema))
                .orElseThrow(() -> new IllegalStateException("no schema is registered for topic " + topic));
        Map<List<String>, String> published = published(topic, relation);
        long actual = published.size();
        long expected = 0;
        long differences = 0;
        List<String> examples = new ArrayList<>();
        String names = relation.columns().stream()
                .map(column -> '"' + column.name() + '"')
                .collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_ROWS);
            try (ResultSet rows = statement.executeQuery("SELECT " + names + " FROM " + table.quoted())) {
                while (rows.next()) {
                    expected++;
                    @Nullable String[] texts = new @Nullable String[relation.columns().size()];
                    for (int i = 0; i < texts.length; i++) {
                        texts[i] = rows.getString(i + 1);
                    }
                    String here = text(texts);
                    String there = published.remove(key(relation, texts));
                    if (!here.equals(there)) {
                        differences++;
                        example(examples, "source: " + here + "; topic: " + (there == null ? "nothing" : there));
                    }
                }
            }
        }
        for (String surplus : published.values()) {
            differences++;
            example(examples, "source: nothing; topic: " + surplus);
        }
        return new Comparison(topic, expected, actual, differences, examples);
    }

    private Map<List<String>, String> published(String topic, RelationSchema relation) {
        List<Column> columns = relation.columns();
        RowDecoder rows =
                new RowDecoder(registry, columns.stream().map(Column::name).toList());
        RowDecoder keys = new RowDecoder(registry, relation.key());
        int[] keyIndexes = relation.keyIndexes();
        Map<List<String>, String> newest = new HashMap<>();
        CommittedTopic committed = CommittedTopic.of(kafkaServers, topic, definition.lanes());
        committed.read(record -> {
            @Nullable Object[] key = keys.decode(record.key());
            List<String> keyTexts = new ArrayList<>();
            for (int i = 0; i < keyIndexes.length; i++) {
                keyTexts.add(
                        PgFormat.format(columns.get(keyIndexes[i]).type(), java.util.Objects.requireNonNull(key[i])));
            }
            if (record.value() == null) {
                newest.remove(keyTexts);
                return;
            }
            @Nullable Object[] row = rows.decode(record.value());
            @Nullable String[] texts = new @Nullable String[row.length];
            for (int i = 0; i < row.length; i++) {
                Object value = row[i];
                texts[i] = value == null ? null : PgFormat.format(columns.get(i).type(), value);
            }
            newest.put(keyTexts, text(texts));
        });
        return newest;
    }

    private static List<String> key(RelationSchema relation, @Nullable String[] texts) {
        List<String> key = new ArrayList<>();
        for (int index : relation.keyIndexes()) {
            key.add(java.util.Objects.requireNonNull(texts[index]));
        }
        return key;
    }

    private static String text(@Nullable String[] values) {
        StringBuilder text = new StringBuilder();
        for (String value : values) {
            text.append(value == null ? "∅" : value).append(" | ");
        }
        return text.toString();
    }

    private static void example(List<String> examples, String example) {
        if (examples.size() < EXAMPLES) {
            examples.add(example.substring(0, Math.min(example.length(), 600)));
        }
    }
}
