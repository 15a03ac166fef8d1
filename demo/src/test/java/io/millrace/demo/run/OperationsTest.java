package io.millrace.demo.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.demo.erp.ReferenceErp;
import io.millrace.demo.trade.Simulator;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedMail;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.embedded.StandInLlm;
import io.millrace.embedded.TraceCollector;
import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.collect.Collector;
import io.millrace.monitoring.collect.Database;
import io.millrace.monitoring.collect.Stages;
import io.millrace.monitoring.lag.Judge;
import io.millrace.monitoring.lag.State;
import io.millrace.notifications.template.Sample;
import io.millrace.platform.data.DataDirectory;
import io.millrace.platform.data.Directories;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.metrics.HubMetric;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.TopicContract;
import io.millrace.schemas.TopicContracts;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterState;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Nothing stops silently, nothing is dropped silently: what ops see, on real processes that are stopped, held up and killed. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init")
class OperationsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Path CATALOG = Path.of("../catalog");
    private static final String ALL = "source, views, governance, sink, notifications, enrichment, monitoring, gateway";
    private static final String FEED = "cdc.erp.transactions";
    private static final String DOWNSTREAM = "downstream";
    private static final String LATE = "late";
    private static final Set<String> OTHERS = Set.of(DOWNSTREAM, LATE, Stages.ANSWERS);

    @TempDir
    static Path directory;

    private static EmbeddedStack stack;
    private static HubChild hub;
    private static TraceCollector traces;
    private static String llm;
    private static final List<LagReport> reports = new CopyOnWriteArrayList<>();
    private static final CountDownLatch stopping = new CountDownLatch(1);
    private static Thread watcher;
    private static @Nullable EmbeddedMail mailAgain;
    private static int customers;

    @BeforeAll
    static void start() throws Exception {
        stack = EmbeddedStack.start(
                DataDirectory.open(directory),
                false,
                Set.of(EmbeddedStack.Part.values()),
                EmbeddedKafka.Place.BesideThisJvm.withThisClassPath());
        ReferenceErp.migrate(stack.postgres().jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        try (Simulator simulator = Simulator.prepare(
                stack.postgres().jdbcUrl("erp"),
                EmbeddedPostgres.USER,
                EmbeddedPostgres.PASSWORD,
                new Simulator.Options(Double.POSITIVE_INFINITY, 2, 11, 20))) {
            simulator.start();
            simulator.await();
        }
        Files.createDirectories(directory.resolve("logs"));
        traces = TraceCollector.start(0);
        try (StandInLlm away = StandInLlm.start(0)) {
            llm = away.url();
        }
        hub = HubChild.start(stack, directory, CATALOG, ALL, llm, traces.endpoint());
        hub.awaitReady();
        Collector.Settings settings = new Collector.Settings(
                new SourceName("erp"),
                KafkaServers.at(stack.kafka().bootstrapServers()),
                new HttpSchemaRegistry(stack.registry().url()),
                new Database.Server(stack.postgres().jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD),
                "millrace_erp",
                new Database.Server(
                        stack.postgres().jdbcUrl("analytics"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD),
                Set.of(
                        Stages.CAPTURE,
                        Stages.VIEWS,
                        Stages.SINK,
                        Stages.ALERTS,
                        Stages.TABLES,
                        Stages.MAIL_INTAKE,
                        Stages.MAIL),
                new Judge.Rules(Duration.ofSeconds(2), Duration.ofSeconds(4)),
                Duration.ofSeconds(5),
                Map::of);
        watcher = Thread.ofPlatform().start(() -> {
            try (Collector collector = new Collector(settings)) {
                do {
                    reports.add(collector.round());
                } while (!stopping.await(300, TimeUnit.MILLISECONDS));
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @AfterAll
    static void stop() throws Exception {
        stopping.countDown();
        watcher.join();
        hub.close();
        if (mailAgain != null) {
            mailAgain.close();
        }
        stack.close();
        traces.close();
    }

    @Test
    @Order(0)
    void idleSystem_isOk_andSaysSo() {
        await().atMost(LIMIT).until(() -> !reports.isEmpty() && well());
        int before = reports.size();
        await().atMost(LIMIT).until(() -> reports.getLast().verdict().contains("; the source has been idle since "));
        await().atMost(LIMIT).until(() -> reports.size() > before + 20);
        // A copy: other reports come meanwhile.
        assertThat(new ArrayList<>(reports).subList(before, before + 20))
                .allSatisfy(report -> assertThat(report.stages())
                        .as(report.verdict())
                        .allSatisfy(stage -> assertThat(stage.state()).isEqualTo(State.OK)));
        assertThat(reports.getLast().paths())
                .extracting(LagReport.Path::name)
                .containsExactly("views", "alerts", "mail", "explanations");
    }

    @Test
    @Order(1)
    void sourceTransaction_isFollowedFromItsCommitToTheMail() throws Exception {
        String xid;
        try (Connection connection = connect("erp");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "WITH granted AS (INSERT INTO role_assignment SELECT tenant_id, user_name, 'admin', 'mallory', now()"
                                + " FROM user_account u WHERE tenant_id = 1 AND NOT EXISTS (SELECT FROM role_assignment r"
                                + " WHERE r.user_name = u.user_name AND r.role IN ('admin', 'treasurer')) LIMIT 1 RETURNING 1)"
                                + " SELECT pg_current_xact_id()::text FROM granted")) {
            assertThat(row.next()).as("somebody was made admin").isTrue();
            xid = row.getString(1);
        }
        List<TraceCollector.Step> steps = new ArrayList<>();
        await().atMost(LIMIT).until(() -> {
            steps.clear();
            traces.traces().values().stream()
                    .filter(trace -> trace.stream()
                            .anyMatch(step ->
                                    step.attributes().getOrDefault("commit", "").contains(xid)))
                    .forEach(steps::addAll);
            return steps.stream().map(TraceCollector.Step::name).toList().containsAll(List.of("sink", "mail.send"));
        });
        assertThat(way(steps, "mail.send")).containsExactly("capture", "views", "alert", "mail.write", "mail.send");
        assertThat(way(steps, "sink")).containsExactly("capture", "views", "sink");
        assertThat(steps.stream().filter(step -> step.parent().isEmpty())).hasSize(1);
        assertThat(steps).noneMatch(TraceCollector.Step::failed);
        assertThat(step(steps, "alert").attributes()).containsEntry("millrace.control", "privileged_role_granted");
        assertThat(step(steps, "mail.send").attributes()).containsEntry("millrace.outcome", "accepted");
    }

    @Test
    @Order(2)
    void alert_isDecidedThroughTheGateway_andThatIsAudited() throws Exception {
        String key = millrace(
                        "keys",
                        "create",
                        "--name",
                        "operator",
                        "--permission",
                        "alerts:read,alerts:decide,pipeline:read,audit:read,mail:read,mail:decide")
                .strip();
        JsonNode alert = ask(key, "GET", "/alerts?control=privileged_role_granted&limit=1", "")
                .path("alerts")
                .path(0);
        String id = alert.path("id").asString();
        assertThat(id).isNotEmpty();
        JsonNode decided = ask(
                key,
                "POST",
                "/alerts/" + id + "/decisions",
                "{\"decision\": \"acknowledge\", \"reason\": \"we look\"}");
        assertThat(decided.path("state").asString()).isEqualTo("acknowledged");
        JsonNode last = decided.path("events").path(decided.path("events").size() - 1);
        assertThat(last.path("reason").asString()).isEqualTo("we look");
        String by = last.path("by").asString();
        assertThat(by).startsWith("operator (key ");
        await().atMost(LIMIT).until(() -> audited(by), said -> said.contains(id) && said.contains("we look"));
        assertThat(ask(key, "GET", "/lag", "").path("stages").size()).isPositive();
        assertThat(ask(key, "GET", "/audit/records?actor=" + URLEncoder.encode(by, StandardCharsets.UTF_8), "")
                        .toString())
                .contains(id, "we look", "\"kind\":\"action\"");
        JsonNode proof = ask(key, "GET", "/audit/proof", "");
        assertThat(proof.path("whole").asBoolean()).as("%s", proof).isTrue();
        assertThat(proof.path("chains").size()).isPositive();
        assertThat(ask(key, "GET", "/mail/deliveries?state=accepted", "")
                        .path("deliveries")
                        .size())
                .isPositive();
        String nobody = "{\"recipient\": \"Nobody@example.com\", \"reason\": \"left\"}";
        assertThat(ask(key, "POST", "/mail/suppressions", nobody).toString()).contains("nobody@example.com", by);
        assertThat(millrace("suppressions", "list")).contains("nobody@example.com");
        assertThat(ask(key, "POST", "/mail/suppression-releases", nobody).toString())
                .doesNotContain("nobody@example.com");
    }

    @Test
    @Order(3)
    void whoGuessesPasswords_isAudited_andAlerted_andMailed() throws Exception {
        String link =
                millrace("users", "create", "anna", "--role", "administrator").strip();
        assertThat(link).startsWith(hub.url() + "/account#ml_");
        String welcome = "{\"link\": \"" + link.replaceFirst(".*#", "")
                + "\", \"password\": \"quiet river paints seven ladders\"}";
        assertThat(post("/welcomes", welcome)).isEqualTo(200);
        assertThat(millrace("users", "list")).contains("anna").contains("active");
        for (int attempt = 0; attempt < 5; attempt++) {
            assertThat(post("/sign-ins", "{\"user\": \"anna\", \"password\": \"wrong\"}"))
                    .isEqualTo(401);
        }
        assertThat(post("/sign-ins", "{\"user\": \"anna\", \"password\": \"wrong\"}"))
                .isEqualTo(429);
        await().atMost(LIMIT)
                .until(
                        () -> audited("user anna"),
                        said -> said.contains("sign in failed: user anna, wrong password, from 127.0.0.1"));
        String key = millrace("keys", "create", "--name", "watch", "--permission", "alerts:read,audit:read,mail:read")
                .strip();
        await().atMost(LIMIT).until(() -> {
            JsonNode alert = ask(key, "GET", "/alerts?control=security_guessing", "")
                    .path("alerts")
                    .path(0);
            return alert.path("state").asString().equals("open")
                    && alert.path("severity").asString().equals("high")
                    && alert.path("title").asString().contains("user anna: 5 wrong attempts");
        });
        await().atMost(LIMIT)
                .until(
                        () -> ask(key, "GET", "/mail/deliveries?state=accepted&to=security@example.test", "")
                                .toString(),
                        mails -> mails.contains("user anna: 5 wrong attempts"));
        assertThat(ask(key, "GET", "/audit/proof", "").path("whole").asBoolean())
                .isTrue();
    }

    private static int post(String path, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(hub.url() + "/api/v1" + path))
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .statusCode();
        }
    }

    private static JsonNode ask(String key, String method, String path, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create(hub.url() + "/api/v1" + path))
                            .header("Authorization", "Bearer " + key)
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            return JsonMapper.builder().build().readTree(response.body());
        }
    }

    private static TraceCollector.Step step(List<TraceCollector.Step> steps, String name) {
        return steps.stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** From the first span to the first of this name. */
    private static List<String> way(List<TraceCollector.Step> steps, String name) {
        List<String> names = new ArrayList<>();
        Optional<TraceCollector.Step> at = Optional.of(step(steps, name));
        while (at.isPresent()) {
            names.addFirst(at.get().name());
            String parent = at.get().parent();
            at = steps.stream().filter(step -> step.id().equals(parent)).findFirst();
        }
        return names;
    }

    @Test
    @Order(2)
    void sinkBehindALock_isStalled_andTheLocksHolderNamed() throws Exception {
        try (Connection lock = connect("analytics");
                Statement statement = lock.createStatement()) {
            lock.setAutoCommit(false);
            statement.execute(
                    "SET application_name = 'a long report'; LOCK TABLE analytics.position IN EXCLUSIVE MODE");
            trade(5);
            awaitStage(Stages.SINK, State.STALLED, "waits for a lock since", "(a long report)");
            assertThat(reports.getLast().paths().getFirst().cause()).isEqualTo("see sink");
            assertThat(reports.getLast().verdict())
                    .contains("sink (lane ", ") stalled since ", "cause: the analytics database:");
            // Capture may have been behind before, on a busy machine; what holds the sink does not hold it.
            awaitStage(Stages.CAPTURE, State.OK);
        }
        awaitWell();
    }

    @Test
    @Order(3)
    void mailWithoutAProvider_isLate_andWhatTheProviderSaidIsTold() throws Exception {
        int port = stack.mail().port();
        stack.mail().close();
        execute(
                "analytics",
                "INSERT INTO notifications.delivery (id, event, alert, route, recipient, template, importance, state, not_before,"
                        + " expires_at, subject, html, body, committed_at) SELECT 'm' || g, 'e', gen_random_uuid(), 'r', 'a@example.test',"
                        + " 'alert', 'normal', 'pending', now(), now() + interval '1 h', 's', 'h', 't', now() FROM generate_series(1, 9) g");
        awaitStage(Stages.MAIL, State.STALLED, "no connection");
        // The hub itself also knows that it does not ask the provider any more.
        await().atMost(LIMIT)
                .until(() -> ofHub().stages().stream()
                        .anyMatch(stage -> stage.stage().equals(Stages.MAIL)
                                && stage.state() != State.OK
                                && stage.cause().contains("smtp unavailable")));
        // It stays: what ops are told of later is mailed too.
        mailAgain = EmbeddedMail.start(directory.resolve("mail2"), port);
        awaitWell();
        assertThat(Objects.requireNonNull(mailAgain).folder()).isNotEmptyDirectory();
    }

    @Test
    @Order(4)
    void groupOfOthers_isToldByItsState() throws Exception {
        try (KafkaConsumer<byte[], byte[]> consumer = group(DOWNSTREAM)) {
            consumer.subscribe(List.of(FEED));
            await().atMost(LIMIT).until(() -> {
                consumer.poll(Duration.ofMillis(50));
                consumer.commitSync();
                return reports.getLast().stages().stream()
                        .anyMatch(stage -> stage.stage().equals(DOWNSTREAM));
            });
            // It goes on, and does not keep up.
            consumer.commitSync(Duration.ofSeconds(5));
            Map<TopicPartition, Long> at = new HashMap<>();
            consumer.assignment().forEach(partition -> at.put(partition, consumer.position(partition)));
            await().atMost(LIMIT).until(() -> {
                trade(5);
                at.replaceAll((partition, offset) -> offset + 1);
                consumer.commitSync(at.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, each -> new OffsetAndMetadata(each.getValue()))));
                consumer.poll(Duration.ZERO);
                return stage(DOWNSTREAM).state() == State.LAGGING
                        && stage(DOWNSTREAM).perSecond() > 0;
            });
        }
        awaitStage(DOWNSTREAM, State.STOPPED, "it has no members");
        try (Admin admin = Admin.create(
                Map.<String, Object>of("bootstrap.servers", stack.kafka().bootstrapServers()))) {
            admin.alterConsumerGroupOffsets(
                            DOWNSTREAM,
                            Map.of(
                                    new TopicPartition(FEED, 0), new OffsetAndMetadata(0),
                                    new TopicPartition(FEED, 1), new OffsetAndMetadata(0)))
                    .all()
                    .get();
            awaitStage(DOWNSTREAM, State.REWOUND);
            admin.deleteConsumerGroups(List.of(DOWNSTREAM)).all().get();
        }
        awaitWell();
    }

    @Test
    @Order(5)
    void groupThatComesCloser_isCatchingUp_withAnEstimate() throws Exception {
        trade(60);
        try (KafkaConsumer<byte[], byte[]> consumer = group(LATE)) {
            consumer.subscribe(List.of(FEED));
            await().atMost(LIMIT).until(() -> {
                consumer.poll(Duration.ofMillis(50));
                return !consumer.assignment().isEmpty();
            });
            Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
            Map<TopicPartition, Double> at = new HashMap<>();
            ends.keySet().forEach(partition -> at.put(partition, 0.0));
            await().atMost(LIMIT).until(() -> {
                // A part of what is left each time: it comes closer and never arrives.
                at.replaceAll((partition, offset) -> offset + (ends.getOrDefault(partition, 0L) - offset) / 40);
                consumer.commitSync(at.entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey,
                                each -> new OffsetAndMetadata(
                                        (long) each.getValue().doubleValue()))));
                consumer.poll(Duration.ZERO);
                return reports.getLast().stages().stream()
                        .anyMatch(stage -> stage.stage().equals(LATE)
                                && stage.state() == State.CATCHING_UP
                                && stage.estimateSeconds() != null
                                && stage.estimateSeconds() > 0);
            });
        }
        try (Admin admin = Admin.create(
                Map.<String, Object>of("bootstrap.servers", stack.kafka().bootstrapServers()))) {
            admin.deleteConsumerGroups(List.of(LATE)).all().get();
        }
    }

    @Test
    @Order(5)
    void viewsWithoutAHub_areStopped_captureIsNot() throws Exception {
        hub.close();
        hub = HubChild.start(stack, directory, CATALOG, "source");
        hub.awaitReady();
        trade(5);
        awaitStage(Stages.VIEWS, State.STOPPED, "no hub with role views is at work");
        assertThat(reports.getLast().paths().getFirst().cause()).isEqualTo("see views");
        await().atMost(LIMIT).until(() -> stage(Stages.CAPTURE).state() == State.OK);
    }

    @Test
    @Order(6)
    void captureWithoutAHub_isStopped_withTheLogThatItsSlotKeeps() throws Exception {
        hub.kill();
        trade(5);
        awaitStage(
                Stages.CAPTURE, State.STOPPED, "no hub with role source is at work; slot millrace_erp keeps ", " MB/s");
        assertThat(reports.getLast().paths().getFirst().cause()).isEqualTo("see capture");
    }

    @Test
    @Order(7)
    void backlogOfAStoppedHub_isCaughtUpWith() throws Exception {
        for (int i = 0; i < 60; i++) {
            execute(
                    "erp",
                    "INSERT INTO customer SELECT 1 + g % 2, " + (1_000_000 + i * 1_000)
                            + " + g, 'Customer ' || g, 'c@example.test', 'DE', 1000, 14, true, now(), now(), 'x', 'x'"
                            + " FROM generate_series(1, 1000) g");
        }
        hub = HubChild.start(stack, directory, CATALOG, ALL, llm, traces.endpoint());
        hub.awaitReady();
        awaitWell();
    }

    @Test
    @Order(8)
    void brokerAway_isToldOfEveryStageOfIt_andPasses() {
        stack.kafka().kill();
        awaitStage(Stages.VIEWS, State.UNKNOWN, "Kafka is unreachable: ");
        awaitStage(Stages.SINK, State.UNKNOWN, "Kafka is unreachable: ");
        stack.kafka().start();
        awaitWell();
    }

    @Test
    @Order(9)
    void figures_addUpToWhatFlowed_throughAllOfThis() {
        HttpSchemaRegistry registry = new HttpSchemaRegistry(stack.registry().url());
        Topics topics = new Topics(registry);
        Topic<byte[], Epoch> feed = topics.transactions(new SourceName("erp"));
        long[] changes = {0};
        read(
                feed,
                epoch -> epoch.getTransactions()
                        .forEach(each -> changes[0] += each.getChanges().size()));
        assertThat(changes[0]).isGreaterThan(60_000);
        await().atMost(LIMIT).until(() -> {
            double[] counted = {0};
            read(
                    topics.metrics(),
                    metric -> counted[0] += metric.getName().equals("source.changes") ? metric.getSum() : 0);
            return counted[0] == changes[0];
        });
    }

    @Test
    @Order(10)
    void metrics_areThoseOfTheList() throws Exception {
        Map<String, HubMetric> listed =
                Arrays.stream(HubMetric.values()).collect(Collectors.toMap(HubMetric::prometheus, each -> each));
        String page = ofHub("/actuator/prometheus");
        Set<String> families = page.lines()
                .filter(line -> line.startsWith("# TYPE millrace_"))
                .map(line -> line.split(" ")[2].replaceAll("_max$", ""))
                .collect(Collectors.toSet());
        assertThat(listed.keySet()).containsAll(families);
        assertThat(families)
                .contains(
                        HubMetric.SOURCE_DELAY.prometheus(),
                        HubMetric.SINK_DELAY.prometheus(),
                        HubMetric.SOURCE_SLOT_RETAINED.prometheus(),
                        HubMetric.STAGE_UNWELL.prometheus(),
                        HubMetric.PATH_BEHIND.prometheus());
        assertThat(page).contains("millrace_stage_unwell{", "stage=\"sink\"", "millrace_sink_delay_seconds_bucket{");
        for (String group : List.of("liveness", "readiness", "startup")) {
            assertThat(ofHub("/actuator/health/" + group)).contains("\"status\":\"UP\"");
        }
    }

    @Test
    @Order(11)
    void deadLetter_isListed_triedAgain_orDiscarded_andThatIsAudited() throws Exception {
        Topics topics = new Topics(new HttpSchemaRegistry(stack.registry().url()));
        byte[] alert =
                topics.alerts().values().serializer().serialize(topics.alerts().name(), Sample.alert());
        String fit = "11111111-0000-0000-0000-000000000000";
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", stack.kafka().bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            // One that names a schema which nobody has.
            producer.send(new ProducerRecord<>(
                            topics.alerts().name(), 0, new byte[] {1}, new byte[] {0, 127, 0, 0, 1, 2}))
                    .get();
            // One that failed for a reason that is fixed.
            DeadLetter letter = new DeadLetter(
                    fit,
                    "mail",
                    "erp",
                    0,
                    0L,
                    DeadLetterState.OPEN,
                    "a test",
                    "the template was wrong",
                    "fix it",
                    ByteBuffer.wrap(alert),
                    Instant.now());
            producer.send(new ProducerRecord<>(
                            topics.deadLetters().name(),
                            0,
                            fit.getBytes(StandardCharsets.UTF_8),
                            topics.deadLetters()
                                    .values()
                                    .serializer()
                                    .serialize(topics.deadLetters().name(), letter)))
                    .get();
        }
        await().atMost(LIMIT)
                .until(
                        () -> millrace("deadletters", "list"),
                        said -> said.contains("the template was wrong")
                                && said.lines()
                                                .filter(line -> line.contains("  open  "))
                                                .count()
                                        == 3);
        assertThat(millrace("deadletters", "list", "--stage", "enrichment"))
                .as("who listens to alerts too, could not read it either")
                .contains("  open  ");
        await().atMost(LIMIT)
                .until(() -> count("SELECT count(*) FROM analytics.unreadable_record WHERE topic = 'governance.alerts'")
                        == 1);
        assertThat(millrace("deadletters", "show", "1111")).contains("A test of the way that alerts take");
        assertThat(millrace("deadletters", "redrive", "--stage", "mail", "--dry-run"))
                .contains("these would be told redrive:");

        String redriven = millrace("deadletters", "redrive", "--stage", "mail", "--by", "olga");
        assertThat(redriven).contains("11111111").contains("  healed ").contains("  open ");
        assertThat(millrace("deadletters", "list")).doesNotContain("the template was wrong");
        assertThat(millrace("deadletters", "redrive", "1111")).contains("it is healed already");
        assertThat(millrace("deadletters", "discard", "--stage", "mail", "--why", "no alert", "--by", "olga"))
                .contains("  discarded ");
        discardThroughTheGateway("enrichment");
        assertThat(millrace("deadletters", "list")).contains("no dead letters");
        await().atMost(LIMIT)
                .until(
                        () -> audited("olga"),
                        said -> said.contains("REDRIVE dead letter " + fit + " of mail")
                                && said.contains("DISCARD dead letter ")
                                && said.contains(": no alert"));
    }

    private static void discardThroughTheGateway(String stage) throws Exception {
        String key = millrace(
                        "keys", "create", "--name", "letters", "--permission", "dead-letters:read,dead-letters:decide")
                .strip();
        JsonNode found = ask(key, "GET", "/dead-letters?stage=" + stage, "").path("deadLetters");
        assertThat(found).hasSize(1);
        String id = found.path(0).path("id").asString();
        assertThat(ask(key, "GET", "/dead-letters/" + id, "")
                        .path("letter")
                        .path("state")
                        .asString())
                .isEqualTo("open");
        JsonNode discarded = ask(
                key,
                "POST",
                "/dead-letter-decisions",
                "{\"decision\": \"discard\", \"ids\": [\"" + id + "\"], \"why\": \"no alert\"}");
        assertThat(discarded.at("/deadLetters/0/state").asString()).isEqualTo("discarded");
    }

    @Test
    @Order(12)
    void llmThatWasAwayAllTheTime_delayedOnlyItsAnswers_andNoneIsLost() throws Exception {
        String unanswered = "SELECT count(*) FROM enrichment.question WHERE state <> 'done'";
        assertThat(count("SELECT count(*) FROM enrichment.question WHERE state IN ('pending', 'asking', 'deferred')"))
                .as("alerts were raised and mailed in the tests before")
                .isPositive()
                .isEqualTo(count(unanswered));
        await().atMost(LIMIT).until(() -> stage(Stages.ANSWERS).backlog() == count(unanswered));
        try (StandInLlm back = StandInLlm.start(URI.create(llm).getPort())) {
            execute("analytics", "UPDATE enrichment.question SET not_before = now()");
            await().atMost(LIMIT.multipliedBy(2)).until(() -> count(unanswered) == 0);
            assertThat(back.asked()).isPositive();
            await().atMost(LIMIT).until(() -> stage(Stages.ANSWERS).backlog() == 0);
        }
    }

    private static long count(String sql) throws SQLException {
        try (Connection connection = connect("analytics");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static String audited(String actor) throws SQLException {
        try (Connection connection = connect("analytics");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT coalesce(string_agg(detail, '|'), '') FROM audit.record WHERE actor = '" + actor
                                + "'")) {
            row.next();
            return row.getString(1);
        }
    }

    private static String millrace(String... arguments) throws Exception {
        return PromisesTest.millrace(directory, arguments);
    }

    private static <V> void read(Topic<byte[], V> topic, Consumer<V> use) {
        Deserializer<V> values = topic.values().deserializer();
        CommittedTopic committed =
                CommittedTopic.of(KafkaServers.at(stack.kafka().bootstrapServers()), topic.name(), 2);
        committed.read(
                record -> use.accept(Objects.requireNonNull(values.deserialize(record.topic(), record.value()))));
    }

    @Test
    @Order(10)
    void topics_areAsTheirDocumentTells_forWhoKnowsNoMore() throws Exception {
        TopicReader reader = new TopicReader(
                KafkaServers.at(stack.kafka().bootstrapServers()),
                new HttpSchemaRegistry(stack.registry().url()));
        assertThat(reader.read()).isEmpty();
        assertThat(reader.records().keySet())
                .containsAll(TopicContracts.ALL.stream()
                        .filter(contract -> contract.audience() == TopicContract.Audience.EVERYBODY)
                        .map(TopicContract::name)
                        // Nothing has failed yet.
                        .filter(name -> !name.equals("hub.dead-letters"))
                        .toList());
    }

    @Test
    @Order(13)
    void compare_findsNothingWhileTheBusinessTrades_andEachRowThatSomebodyChanged() throws Exception {
        awaitWell();
        CountDownLatch done = new CountDownLatch(1);
        Thread trading = Thread.ofPlatform().start(() -> {
            try {
                do {
                    execute("erp", "UPDATE product SET list_price = list_price + 1 WHERE tenant_id = 1");
                    trade(1);
                } while (!done.await(50, TimeUnit.MILLISECONDS));
            } catch (SQLException | InterruptedException failed) {
                throw new IllegalStateException(failed);
            }
        });
        try {
            assertThat(millrace(
                            "compare",
                            "stock_valuation",
                            "trial_balance",
                            "sales_by_customer_product_month",
                            "no_such_view"))
                    .contains("not compared: the analytics database does not have it")
                    .doesNotContain("DIFFERENT");
            execute("analytics", "DELETE FROM analytics.trial_balance WHERE account_code = '1000'");
            execute("analytics", "UPDATE analytics.trial_balance SET debit = debit + 0.01 WHERE account_code = '6000'");
            assertThat(millrace("compare", "trial_balance"))
                    .contains("DIFFERENT", "view:   no row", "millrace republish trial_balance");
            millrace("republish", "trial_balance");
            await().atMost(LIMIT)
                    .until(() -> millrace("compare", "trial_balance"), said -> !said.contains("DIFFERENT"));
        } finally {
            done.countDown();
            trading.join();
        }
    }

    @Test
    @Order(14)
    void recordsThatAreNoneOfTheHubs_areSetAside_onWhateverTopic_andEverythingGoesOn() throws Exception {
        awaitWell();
        Topics topics = new Topics(new HttpSchemaRegistry(stack.registry().url()));
        byte[] alert =
                topics.alerts().values().serializer().serialize(topics.alerts().name(), Sample.alert());
        // Of the same schema, and then a length that nobody has memory for.
        byte[] huge = java.util.Arrays.copyOf(alert, 10);
        java.util.Arrays.fill(huge, 5, 9, (byte) 0xfe);
        huge[9] = 0x0f;
        List<byte[]> foreign = List.of("foreign".getBytes(StandardCharsets.UTF_8), new byte[0], alert, huge);
        List<String> names = new ArrayList<>();
        try (Admin admin = Admin.create(
                Map.<String, Object>of("bootstrap.servers", stack.kafka().bootstrapServers()))) {
            admin.listTopics().names().get().stream()
                    .filter(name -> name.matches("(cdc|views|governance|hub|notifications|enrichment|ops)\\..*"))
                    .sorted()
                    .forEach(names::add);
        }
        assertThat(names).hasSizeGreaterThan(50);
        // One that could be an alert is one there.
        names.remove(topics.alerts().name());
        sendEach(names, foreign);
        sendEach(List.of(topics.alerts().name()), List.of(foreign.getFirst(), new byte[0], huge));
        trade(20);
        awaitWell();
        for (String topic : List.of("governance.violations", "governance.actions", "cdc.erp.transactions")) {
            await().atMost(LIMIT)
                    .until(
                            () -> millrace("deadletters", "list", "--stage", "topic:" + topic),
                            said -> said.lines()
                                            .filter(line -> line.contains("  open  "))
                                            .count()
                                    >= 4);
        }
        await().atMost(LIMIT)
                .until(() ->
                        count("SELECT count(*) FROM analytics.unreadable_record WHERE topic = 'views.updates'") == 8);
        assertThat(millrace("deadletters", "redrive", "--stage", "topic:governance.actions"))
                .contains("is no record of the hub's");
        assertThat(millrace("deadletters", "discard", "--stage", "topic:governance.actions", "--why", "a test"))
                .contains("  discarded ")
                .doesNotContain("  open ");
        assertThat(ofHub("/actuator/health/readiness")).contains("\"status\":\"UP\"");
        hub.close();
        // They are the newest now, and what the hub has on its disk is gone.
        sendEach(names, foreign);
        sendEach(List.of(topics.alerts().name()), List.of(foreign.getFirst(), new byte[0], huge));
        assertThat(millrace("audit", "verify")).contains("the audit trail is whole");
        Directories.delete(directory.resolve("hub"));
        hub = HubChild.start(stack, directory, CATALOG, ALL, llm, traces.endpoint());
        hub.awaitReady();
        trade(20);
        awaitWell();
        await().atMost(LIMIT).until(() -> millrace("audit", "verify").contains("the audit trail is whole"));
    }

    /** Into the first partition of each topic, with and without a key. */
    private static void sendEach(List<String> topics, List<byte[]> values) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", stack.kafka().bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (String topic : topics) {
                for (byte[] value : values) {
                    try {
                        producer.send(new ProducerRecord<>(topic, 0, null, value))
                                .get();
                    } catch (ExecutionException refused) {
                        assertThat(refused).hasMessageContaining("Compacted topic cannot accept message without key");
                    }
                    producer.send(new ProducerRecord<>(topic, 0, new byte[] {9, 9}, value))
                            .get();
                }
            }
        }
    }

    /** Whether the hub's own stages are. */
    private static boolean well() {
        return reports.getLast().stages().stream()
                .allMatch(stage -> stage.state() == State.OK || OTHERS.contains(stage.stage()));
    }

    private static void awaitWell() {
        int before = reports.size();
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(reports.size()).isGreaterThan(before + 2);
            assertThat(reports.getLast().stages())
                    .filteredOn(stage -> stage.state() != State.OK && !OTHERS.contains(stage.stage()))
                    .isEmpty();
        });
    }

    private static void awaitStage(String name, State state, String... cause) {
        await().atMost(LIMIT)
                .until(() -> reports.getLast().stages().stream()
                        .anyMatch(stage -> stage.stage().equals(name)
                                && stage.state() == state
                                && List.of(cause).stream().allMatch(stage.cause()::contains)));
    }

    /** The worst of its parts. */
    private static LagReport.Stage stage(String name) {
        return reports.getLast().stages().stream()
                .filter(stage -> stage.stage().equals(name))
                .max(java.util.Comparator.comparing(LagReport.Stage::state))
                .orElseThrow();
    }

    private static LagReport ofHub() throws Exception {
        return JsonMapper.builder().build().readValue(ofHub("/actuator/lag"), LagReport.class);
    }

    private static String ofHub(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(hub.url() + path)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static KafkaConsumer<byte[], byte[]> group(String name) {
        return new KafkaConsumer<>(
                Map.<String, Object>of(
                        "bootstrap.servers",
                        stack.kafka().bootstrapServers(),
                        "group.id",
                        name,
                        "enable.auto.commit",
                        false,
                        "auto.offset.reset",
                        "earliest",
                        "isolation.level",
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    /** So many transactions, each an epoch of its own or not. */
    private static void trade(int transactions) throws SQLException {
        for (int i = 0; i < transactions; i++) {
            execute(
                    "erp",
                    "INSERT INTO customer VALUES (1, " + (500_000 + ++customers)
                            + ", 'Customer', 'c@example.test', 'DE', 1000, 14, true, now(), now(), 'x', 'x')");
        }
    }

    private static Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                stack.postgres().jdbcUrl(database), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
    }

    private static void execute(String database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
