package io.millrace.gateway;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewChanges;
import io.millrace.schemas.avro.ViewColumn;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.avro.ViewRow;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowEncoder;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A view in two lanes, as the engine publishes it, and what it was at each position. Key: the lane's number as the tenant, and a text that may be
 * null. Epochs are 256 bytes of the log.
 */
final class LiveViews implements AutoCloseable {
    static final int LANES = 2;
    static final int EPOCH_BYTES = 256;

    private final Topics topics;
    private final SchemaRegistry registry;
    private final KafkaProducer<byte[], byte[]> producer;
    private final String view;
    private final List<TreeMap<String, Row>> lanes = List.of(new TreeMap<>(), new TreeMap<>());
    private final long[] previous = new long[LANES];

    /** By position: key and amount of each row, such as "1,a": "2.50". */
    final Map<String, Map<String, String>> states = new ConcurrentHashMap<>();

    /** By lane: what it publishes. Each comes to a changed definition in its own time. */
    private final String[] generations = {"", ""};

    private final long[] versions = new long[LANES];
    private String generation = "g1";
    private long version = 1;
    private long epoch;

    /** A row of a lane. */
    record Row(int lane, @Nullable String code, String amount) {
        String key() {
            return lane + ","
                    + (code == null
                            ? ""
                            : code.isEmpty() || code.matches("(?s).*[,\"].*")
                                    ? '"' + code.replace("\"", "\"\"") + '"'
                                    : code);
        }
    }

    LiveViews(EmbeddedKafka kafka, SchemaRegistry registry, String view) throws Exception {
        this.registry = registry;
        this.topics = new Topics(registry);
        this.view = view;
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()))) {
            if (!admin.listTopics().names().get().contains("views.updates")) {
                admin.createTopics(List.of(
                                topics.viewUpdates().toNewTopic(LANES, (short) 1),
                                topics.viewDefinitions().toNewTopic(1, (short) 1)))
                        .all()
                        .get();
            }
        }
        this.producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "0"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        define();
    }

    private static List<Column> columns(String generation) {
        List<Column> columns = new ArrayList<>(List.of(
                new Column("tenant_id", PgType.INT4, false),
                new Column("code", PgType.TEXT, true),
                new Column("amount", PgType.NUMERIC, true)));
        if (!generation.equals("g1")) {
            columns.add(new Column("more", PgType.TEXT, true));
        }
        return columns;
    }

    private ViewDefinition definition() {
        return new ViewDefinition(
                view,
                generation,
                "SELECT",
                "",
                columns(generation).stream()
                        .map(column ->
                                new ViewColumn(column.name(), column.type().name(), column.nullable(), ""))
                        .toList(),
                List.of("tenant_id", "code"),
                "erp",
                version);
    }

    private void define() throws Exception {
        byte[] value = topics.viewDefinitions().values().serializer().serialize("views.definitions", definition());
        producer.send(new ProducerRecord<>(
                        "views.definitions", null, view.getBytes(java.nio.charset.StandardCharsets.UTF_8), value))
                .get();
    }

    /** The lanes publish all of their rows again, under another definition. */
    void change(String newGeneration) throws Exception {
        generation = newGeneration;
        again();
    }

    /** The same, under the same definition. */
    void again() throws Exception {
        version++;
        define();
    }

    /** The view at a position. */
    Map<String, String> state(String lsn) {
        return Objects.requireNonNull(states.get(lsn), lsn);
    }

    /** Where the last epoch ends. */
    String lsn() {
        return lsn(epoch);
    }

    private static String lsn(long epoch) {
        return "0/" + Long.toHexString(epoch * EPOCH_BYTES).toUpperCase(java.util.Locale.ROOT);
    }

    void publish(List<Row> upserts, List<Row> deletes) throws Exception {
        publish(upserts, deletes, LANES);
    }

    /**
     * One epoch: rows to put, and keys to remove.
     *
     * @param upToDate lanes that come to the newest definition with it
     */
    void publish(List<Row> upserts, List<Row> deletes, int upToDate) throws Exception {
        epoch++;
        List<List<ViewChanges>> changes = new ArrayList<>();
        Map<String, String> state = new TreeMap<>();
        for (int lane = 0; lane < LANES; lane++) {
            int here = lane;
            boolean whole = lane < upToDate && versions[lane] != version;
            if (whole) {
                generations[lane] = generation;
                versions[lane] = version;
            }
            TreeMap<String, Row> rows = lanes.get(lane);
            upserts.stream().filter(row -> row.lane == here).forEach(row -> rows.put(row.key(), row));
            deletes.stream().filter(row -> row.lane == here).forEach(row -> rows.remove(row.key()));
            List<Row> put = whole
                    ? List.copyOf(rows.values())
                    : upserts.stream()
                            .filter(row -> row.lane == here)
                            .map(row -> rows.get(row.key()))
                            .filter(Objects::nonNull)
                            .distinct()
                            .toList();
            List<Row> removed = whole
                    ? List.of()
                    : deletes.stream()
                            .filter(row -> row.lane == here)
                            .distinct()
                            .toList();
            changes.add(
                    put.isEmpty() && removed.isEmpty() && !whole
                            ? List.of()
                            : List.of(new ViewChanges(
                                    view,
                                    generations[lane],
                                    put.stream()
                                            .map(row -> row(row, generations[here]))
                                            .toList(),
                                    removed.stream().map(this::key).toList(),
                                    null,
                                    versions[lane],
                                    whole,
                                    whole ? definition() : null)));
            rows.values().forEach(row -> state.put(row.key(), row.amount));
        }
        states.put(lsn(epoch), state);
        for (int lane = 0; lane < LANES; lane++) {
            ViewBatch batch = new ViewBatch(
                    "erp",
                    lane,
                    epoch,
                    epoch * EPOCH_BYTES,
                    Instant.now(),
                    1L,
                    0,
                    true,
                    previous[lane],
                    changes.get(lane));
            previous[lane] = epoch;
            byte[] value = topics.viewUpdates().values().serializer().serialize("views.updates", batch);
            producer.send(new ProducerRecord<>("views.updates", lane, null, value))
                    .get();
        }
    }

    private ViewRow row(Row row, String of) {
        List<Column> columns = columns(of);
        RelationSchema relation = new RelationSchema(
                new TableName("analytics", view), columns, List.of("tenant_id", "code"), null, false);
        RowEncoder encoder =
                new RowEncoder(registry.register("views." + view + "-value", relation.valueSchema()), columns);
        @Nullable Object[] values = new @Nullable Object[columns.size()];
        values[0] = row.lane;
        values[1] = row.code;
        values[2] = new BigDecimal(row.amount);
        return new ViewRow(key(row), ByteBuffer.wrap(encoder.encode(values)));
    }

    private ByteBuffer key(Row row) {
        List<Column> columns = columns("g1");
        RelationSchema relation = new RelationSchema(
                new TableName("analytics", view), columns, List.of("tenant_id", "code"), null, false);
        RowEncoder encoder = new RowEncoder(
                registry.register("views." + view + "-key", relation.keySchema()), columns.subList(0, 2));
        return ByteBuffer.wrap(encoder.encode(new @Nullable Object[] {row.lane, row.code}));
    }

    @Override
    public void close() {
        producer.close();
    }
}
