package io.millrace.enrichment.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.StandInLlm;
import io.millrace.enrichment.Enricher;
import io.millrace.enrichment.ledger.Questions;
import io.millrace.enrichment.llm.Answer;
import io.millrace.enrichment.llm.AnthropicLlm;
import io.millrace.enrichment.llm.Llm;
import io.millrace.enrichment.llm.LlmProviders;
import io.millrace.enrichment.llm.OpenAiLlm;
import io.millrace.enrichment.recipe.OutputField;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.platform.loop.Loop;
import io.millrace.schemas.avro.Enrichment;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ledger on a real Postgres, asked of a stand-in over HTTP by the provider's own library. */
@SuppressWarnings("NullAway.Init")
class WorkerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static EmbeddedPostgres postgres;
    private static int databases;

    private String url;
    private Questions questions;

    @BeforeAll
    static void startServer() {
        postgres = EmbeddedPostgres.start(directory.resolve("postgres"), 0, Map.of("fsync", "off"));
    }

    @AfterAll
    static void stopServer() {
        postgres.close();
    }

    @BeforeEach
    void makeLedger() throws SQLException {
        String name = "questions" + ++databases;
        url = postgres.jdbcUrl("postgres");
        query("CREATE DATABASE " + name);
        url = postgres.jdbcUrl(name);
        questions = new Questions(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD, "hub");
        questions.prepare();
    }

    @AfterEach
    void close() {
        questions.close();
    }

    private static Recipe recipe(double budget) {
        return recipe(new Recipe.Budget(budget, 0, "tenant_id"));
    }

    private static Recipe recipe(Recipe.Budget budget) {
        return new Recipe(
                "explain",
                "",
                "alerts",
                List.of(),
                Map.of(),
                List.of("title"),
                List.of("who"),
                Duration.ZERO,
                "Explain.",
                List.of(
                        new OutputField("explanation", "what", 500, List.of()),
                        new OutputField("cause", "why", 0, List.of("mistake", "unclear"))),
                "model-1",
                "",
                100,
                new Recipe.Price(1, 5),
                new Recipe.Price(0, 0),
                budget,
                Duration.ofSeconds(5));
    }

    private void add(Recipe recipe, String subject, String title) {
        Map<String, String> input = Map.of("title", title, "who", "Ann");
        questions.add(recipe, subject, Enricher.prepare(recipe, input).key(), input);
    }

    private Worker start(Recipe recipe, String llm) {
        return start(questions, recipe, llm);
    }

    private static Worker start(Questions questions, Recipe recipe, String llm) {
        Worker worker =
                new Worker(questions, new Enricher(new AnthropicLlm(llm, "secret")), Map.of(recipe.name(), recipe), 4);
        worker.start();
        return worker;
    }

    @Test
    void sameQuestion_isPaidOnce_whoeverAsksAndHoweverOften() throws Exception {
        Recipe recipe = recipe(10);
        try (StandInLlm llm = StandInLlm.start(0)) {
            for (int i = 0; i < 20; i++) {
                add(recipe, "a" + i, "Ann did " + i % 4);
                add(recipe, "a" + i, "Ann did " + i % 4);
            }
            try (Worker worker = start(recipe, llm.url())) {
                await().atMost(LIMIT).until(() -> states("done") == 20);
                assertThat(worker.detail()).isEqualTo("anthropic available");
            }
            assertThat(llm.asked()).isEqualTo(4);
        }
        assertThat(query("SELECT DISTINCT fields ->> 'explanation' FROM enrichment.question ORDER BY 1"))
                .hasSize(4)
                .first()
                .isEqualTo("(stand-in, no model) Ann did 0");
        assertThat(query("SELECT count(*) FROM enrichment.answer WHERE json LIKE '%Ann%'"))
                .containsExactly("0");
        assertThat(
                        query(
                                "SELECT (SELECT sum(cost) FROM enrichment.question) = spent AND reserved = 0 FROM enrichment.spend"))
                .containsExactly("t");
        List<Enrichment> results = questions.unpublished(100);
        assertThat(results).hasSize(20).allMatch(result -> result.getState().equals("done"));
        questions.published(results);
        assertThat(questions.unpublished(100)).isEmpty();
    }

    @Test
    void answerThatWasUsedLately_isInMemory_othersAreInTheLedger() throws Exception {
        Recipe recipe = recipe(10);
        try (StandInLlm llm = StandInLlm.start(0)) {
            add(recipe, "first", "Ann did it");
            try (Worker worker = start(recipe, llm.url())) {
                await().atMost(LIMIT).until(() -> states("done") == 1);
                add(recipe, "second", "Ann did it");
                await().atMost(LIMIT).until(() -> states("done") == 2);
                query("WITH gone AS (DELETE FROM enrichment.answer RETURNING 1) SELECT count(*) FROM gone");
                add(recipe, "third", "Ann did it");
                await().atMost(LIMIT).until(() -> states("done") == 3);
                assertThat(llm.asked()).isEqualTo(1);
            }
        }
    }

    @Test
    void changedSubject_isAskedAgain_anUnchangedOneIsNot() throws Exception {
        Recipe recipe = recipe(0);
        try (StandInLlm llm = StandInLlm.start(0);
                Worker worker = start(recipe, llm.url())) {
            add(recipe, "a", "one");
            await().atMost(LIMIT).until(() -> states("done") == 1);
            add(recipe, "a", "one");
            add(recipe, "a", "two");
            await().atMost(LIMIT)
                    .until(() -> query("SELECT fields ->> 'explanation' FROM enrichment.question")
                            .equals(List.of("(stand-in, no model) two")));
            assertThat(llm.asked()).isEqualTo(2);
            assertThat(worker.detail()).isNotEmpty();
        }
    }

    /** Says what it was asked, when it is told to. */
    private static final class Slow implements Llm {
        private final CountDownLatch asked;
        private final CountDownLatch answers = new CountDownLatch(1);
        private final AtomicInteger questions = new AtomicInteger();

        private Slow(int atOnce) {
            this.asked = new CountDownLatch(atOnce);
        }

        @Override
        public Answer ask(Question question) {
            questions.incrementAndGet();
            asked.countDown();
            try {
                assertThat(answers.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
            String title = question.text().contains("second") ? "second" : "first";
            return new Answer.Given(
                    "{\"explanation\": \"" + title + "\", \"cause\": \"unclear\"}", "model-1", 100, 10, "r");
        }
    }

    private Worker start(Recipe recipe, Llm llm, int concurrency) {
        Worker worker = new Worker(questions, new Enricher(llm), Map.of(recipe.name(), recipe), concurrency);
        worker.start();
        return worker;
    }

    @Test
    void questionsAreAskedAtOnce_theSameOneIsNot() throws Exception {
        Recipe recipe = recipe(10);
        Slow llm = new Slow(3);
        for (int i = 0; i < 9; i++) {
            add(recipe, "a" + i, "title " + i % 3);
        }
        try (Worker worker = start(recipe, llm, 4)) {
            assertThat(llm.asked.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            llm.answers.countDown();
            await().atMost(LIMIT).until(() -> states("done") == 9);
        }
        assertThat(llm.questions).hasValue(3);
    }

    @Test
    void subjectThatChangesWhileItIsAsked_isAskedAgain_andBothArePaid() throws Exception {
        Recipe recipe = recipe(10);
        Slow llm = new Slow(1);
        add(recipe, "a", "first");
        try (Worker worker = start(recipe, llm, 4)) {
            assertThat(llm.asked.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            add(recipe, "a", "second");
            llm.answers.countDown();
            await().atMost(LIMIT).until(() -> states("done") == 1);
        }
        assertThat(query("SELECT fields ->> 'explanation' FROM enrichment.question"))
                .containsExactly("second");
        assertThat(llm.questions).hasValue(2);
        assertThat(
                        query(
                                "SELECT s.reserved = 0 AND s.spent = q.cost AND s.spent = 2 * (100 + 5 * 10) / 1e6 FROM enrichment.spend s, enrichment.question q"))
                .containsExactly("t");
    }

    @Test
    void subjectThatGoesWhileItIsAsked_staysWithdrawn_untilItIsBack() throws Exception {
        Recipe recipe = recipe(10);
        Slow llm = new Slow(1);
        add(recipe, "a", "first");
        try (Worker worker = start(recipe, llm, 1)) {
            assertThat(llm.asked.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            questions.withdraw(recipe, "a");
            llm.answers.countDown();
            await().atMost(LIMIT)
                    .until(() -> query("SELECT reserved = 0 AND spent > 0 FROM enrichment.spend")
                            .equals(List.of("t")));
            assertThat(states("withdrawn")).isEqualTo(1);
            add(recipe, "a", "first");
            await().atMost(LIMIT).until(() -> states("done") == 1);
        }
        assertThat(llm.questions).as("its answer was kept").hasValue(1);
    }

    @Test
    void budgetThatIsSpent_isNotOverdrawn_andTellsSo() throws Exception {
        // Enough for some of them.
        Recipe recipe = recipe(Enricher.prepare(recipe(1), Map.of("title", "x")).estimate() * 3);
        try (StandInLlm llm = StandInLlm.start(0);
                Worker worker = start(recipe, llm.url())) {
            for (int i = 0; i < 20; i++) {
                add(recipe, "a" + i, "question " + i);
            }
            await().atMost(LIMIT).until(() -> states("done") + states("over_budget") == 20);
            assertThat(states("over_budget")).isPositive();
            assertThat(states("done")).isPositive().isEqualTo((int) llm.asked());
            assertThat(worker.detail()).isNotEmpty();
        }
        assertThat(query("SELECT spent <= " + recipe.budget().all() + " FROM enrichment.spend"))
                .containsExactly("t");
        assertThat(query("SELECT DISTINCT detail FROM enrichment.question WHERE state = 'over_budget'"))
                .singleElement()
                .asString()
                .contains("budget");
    }

    @Test
    void llmThatIsAway_delaysOnlyAnswers() throws Exception {
        Recipe recipe = recipe(10);
        int port;
        try (StandInLlm llm = StandInLlm.start(0)) {
            port = Integer.parseInt(llm.url().substring(llm.url().lastIndexOf(':') + 1));
        }
        add(recipe, "a", "one");
        // It has been away for long.
        query("UPDATE enrichment.question SET attempts = 100, created_at = created_at - interval '20 h'");
        try (Worker worker = start(recipe, "http://127.0.0.1:" + port)) {
            await().atMost(LIMIT).until(() -> states("deferred") == 1);
            query("UPDATE enrichment.question SET not_before = now() + interval '1 s'");
            try (StandInLlm llm = StandInLlm.start(port)) {
                await().atMost(LIMIT).until(() -> states("done") == 1);
                assertThat(llm.asked()).isEqualTo(1);
            }
            assertThat(worker.detail()).isNotEmpty();
        }
        assertThat(query("SELECT reserved FROM enrichment.spend").getFirst()).startsWith("0");
    }

    @Test
    void llmThatSaysWhen_isAskedThen() throws Exception {
        Recipe recipe = recipe(10);
        WireMockServer busy =
                new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
        busy.start();
        busy.stubFor(WireMock.any(WireMock.anyUrl())
                .willReturn(WireMock.aResponse()
                        .withStatus(429)
                        .withHeader("retry-after", "900")
                        .withHeader("Content-Type", "application/json")
                        .withBody("{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\"}}")));
        add(recipe, "a", "one");
        try (Worker worker = start(recipe, busy.baseUrl())) {
            await().atMost(LIMIT).until(() -> states("deferred") == 1);
            assertThat(worker.detail()).isNotEmpty();
        } finally {
            busy.stop();
        }
        assertThat(query("SELECT not_before - changed_at BETWEEN interval '890 s' AND interval '910 s'"
                        + " FROM enrichment.question"))
                .containsExactly("t");
    }

    @Test
    void questionOfAKilledHub_isAskedAgain() throws Exception {
        Recipe recipe = recipe(10);
        add(recipe, "a", "one");
        assertThat(questions.take()).isPresent();
        assertThat(questions.take()).isEmpty();
        // A killed hub is not heard of after a while; another one is.
        query("UPDATE enrichment.worker SET alive_until = now()");
        add(recipe, "b", "two");
        query("INSERT INTO enrichment.worker VALUES ('another', now() + interval '1 min')");
        query("UPDATE enrichment.question SET state = 'asking', owner = 'another' WHERE subject = 'b'");
        try (StandInLlm llm = StandInLlm.start(0);
                Questions other = new Questions(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD, "hub");
                Worker worker = start(other, recipe, llm.url())) {
            await().atMost(LIMIT).until(() -> states("done") == 1);
            assertThat(states("asking")).isEqualTo(1);
            query("DELETE FROM enrichment.worker WHERE name = 'another'");
            await().atMost(LIMIT).until(() -> states("done") == 2);
            assertThat(worker.detail()).isNotEmpty();
        }
    }

    private int states(String state) throws SQLException {
        return query("SELECT 1 FROM enrichment.question WHERE state = '" + state + "'")
                .size();
    }

    private List<String> query(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection =
                        DriverManager.getConnection(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                try (ResultSet row = statement.getResultSet()) {
                    while (row.next()) {
                        values.add(String.valueOf(row.getString(1)));
                    }
                }
            }
        }
        return values;
    }

    @Test
    void busyModel_hasItsFallbackAsked_alsoAtAnotherProvider() throws Exception {
        WireMockServer busy = new WireMockServer(WireMockConfiguration.options().dynamicPort());
        busy.start();
        busy.stubFor(WireMock.any(WireMock.anyUrl())
                .willReturn(WireMock.aResponse().withStatus(529).withBody("{}")));
        Recipe recipe = withFallback("openai/local-7b");
        try (StandInLlm other = StandInLlm.start(0)) {
            Llm llm = new LlmProviders(Map.of(
                    LlmProviders.ANTHROPIC, new AnthropicLlm(busy.baseUrl(), "secret"),
                    LlmProviders.OPENAI, new OpenAiLlm(other.url() + "/v1", "")));
            for (int i = 0; i < 12; i++) {
                add(recipe, "a" + i, "title " + i);
            }
            try (Worker worker = new Worker(questions, new Enricher(llm), Map.of(recipe.name(), recipe), 1)) {
                worker.start();
                await().atMost(LIMIT).until(() -> states("done") == 12);
                assertThat(worker.detail()).isEqualTo("anthropic unavailable, openai available");
            }
            assertThat(other.asked()).isEqualTo(12);
            // When its breaker is open, the busy one is left alone.
            assertThat(busy.getAllServeEvents()).hasSizeBetween(4, 10);
        } finally {
            busy.stop();
        }
        assertThat(query("SELECT DISTINCT model FROM enrichment.question")).containsExactly("local-7b");
        // None had to wait for its second try.
        assertThat(query("SELECT max(attempts) FROM enrichment.question")).containsExactly("1");
        assertThat(
                        query(
                                "SELECT spent = (SELECT sum(cost) FROM enrichment.question) AND spent > 0 FROM enrichment.spend"))
                .containsExactly("t");
    }

    private static Recipe withFallback(String model) {
        Recipe recipe = recipe(10);
        return new Recipe(
                recipe.name(),
                recipe.description(),
                recipe.input(),
                recipe.severities(),
                recipe.filter(),
                recipe.fields(),
                recipe.redact(),
                recipe.settle(),
                recipe.prompt(),
                recipe.output(),
                recipe.model(),
                model,
                recipe.maxTokens(),
                recipe.price(),
                new Recipe.Price(2, 2),
                recipe.budget(),
                recipe.deadline());
    }

    @Test
    void tenantsBudget_stopsThatTenant_notTheOthers() throws Exception {
        double one = Enricher.prepare(recipe(0), Map.of("title", "title 1")).estimate();
        Recipe recipe = recipe(new Recipe.Budget(0, one * 1.5, "tenant_id"));
        try (StandInLlm llm = StandInLlm.start(0)) {
            for (int i = 0; i < 6; i++) {
                Map<String, String> input = Map.of("title", "title " + i, "evidence.tenant_id", i < 5 ? "1" : "2");
                questions.add(recipe, "a" + i, Enricher.prepare(recipe, input).key(), input);
            }
            try (Worker worker = start(recipe, llm.url())) {
                await().atMost(LIMIT).until(() -> states("done") + states("over_budget") == 6);
            }
        }
        assertThat(query("SELECT DISTINCT detail FROM enrichment.question WHERE state = 'over_budget'"))
                .containsExactly("the month's budget of " + one * 1.5 + " for tenant 1 is spent");
        assertThat(query("SELECT count(*) FROM enrichment.question WHERE state = 'done' AND tenant = '2'"))
                .containsExactly("1");
        assertThat(query("SELECT max(spent + reserved) <= " + one * 1.5 + " FROM enrichment.spend WHERE tenant = '1'"))
                .containsExactly("t");
        assertThat(
                        query(
                                "SELECT sum(spent) FILTER (WHERE tenant = '') = sum(spent) FILTER (WHERE tenant <> '') FROM enrichment.spend"))
                .containsExactly("t");
    }

    @Test
    void manyAtOnce_ofSomeTenants_doNotWaitForEachOther() throws Exception {
        Recipe recipe = recipe(new Recipe.Budget(100, 50, "tenant_id"));
        // The database looks at rows in the order in which they stand: the recipe's own after those of tenants.
        query("INSERT INTO enrichment.spend (recipe, month, tenant) SELECT 'explain', date_trunc('month', now()), t"
                + " FROM unnest(ARRAY['2', '1', '0', '']) t RETURNING 1");
        query("ANALYZE enrichment.spend");
        try (StandInLlm llm = StandInLlm.start(0)) {
            for (int i = 0; i < 400; i++) {
                Map<String, String> input = Map.of("title", "title " + i, "evidence.tenant_id", "" + i % 3);
                questions.add(recipe, "a" + i, Enricher.prepare(recipe, input).key(), input);
            }
            try (Worker worker = start(recipe, new AnthropicLlm(llm.url(), "secret"), 8)) {
                await().atMost(LIMIT).until(() -> states("done") == 400);
            }
        }
        // None was put back, as where two wait for each other in the database.
        assertThat(query("SELECT max(attempts) FROM enrichment.question")).containsExactly("1");
        assertThat(query("SELECT sum(reserved) FROM enrichment.spend")).containsExactly("0");
    }

    @Test
    void questionThatCannotBeAsked_isPutBack_andTheOthersAreAsked() throws Exception {
        Recipe recipe = recipe(10);
        AtomicInteger failures = new AtomicInteger();
        Slow right = new Slow(1);
        right.answers.countDown();
        Llm llm = question -> {
            if (question.text().contains("odd") && failures.incrementAndGet() < 3) {
                throw new IllegalStateException("not expected");
            }
            return right.ask(question);
        };
        add(recipe, "a", "odd");
        add(recipe, "b", "even");
        try (Worker worker = start(recipe, llm, 2)) {
            await().atMost(LIMIT).until(() -> {
                query("UPDATE enrichment.question SET not_before = now() WHERE state = 'deferred' RETURNING 1");
                return states("done") == 2;
            });
        }
        assertThat(failures).hasValue(3);
        assertThat(query("SELECT sum(reserved) FROM enrichment.spend")).containsExactly("0");
    }

    @Test
    void whatAKilledAttemptReserved_isFreeAgain() throws Exception {
        Recipe recipe = recipe(10);
        add(recipe, "a", "title");
        Questions.Due due = questions.take().orElseThrow();
        assertThat(questions.reserve(due, 3, recipe.budget())).isEmpty();
        assertThat(query("SELECT reserved FROM enrichment.spend")).containsExactly("3");
        assertThat(questions.take())
                .as("while the process that asks is at work")
                .isEmpty();
        // It is killed here, and not heard of for a while.
        query("DELETE FROM enrichment.worker RETURNING 1");
        assertThat(questions.take()).isPresent();
        assertThat(query("SELECT reserved FROM enrichment.spend")).containsExactly("0");
    }

    @Test
    void whoeverWorksOnTheLedgerAtOnce_nobodyWaitsInACircle() throws Exception {
        Recipe recipe = recipe(1_000_000);
        AtomicInteger round = new AtomicInteger();
        Loop asking = new Loop("asking", 5, () -> {
            questions.take().ifPresent(due -> {
                assertThat(questions.reserve(due, 0.01, recipe.budget())).isEmpty();
                questions.settle(
                        due, new Questions.Settled("done", Map.of(), null, 0.01, false, null, true, Duration.ZERO));
            });
            return Duration.ZERO;
        });
        Loop adding = new Loop("adding", 2, () -> {
            for (int i = 0; i < 12; i++) {
                add(recipe, "s" + i, "title " + round.incrementAndGet());
            }
            return Duration.ZERO;
        });
        Loop publishing = new Loop("publishing", 2, () -> {
            List<Enrichment> changed = new ArrayList<>(questions.unpublished(500));
            Collections.shuffle(changed);
            questions.published(changed);
            return Duration.ZERO;
        });
        try (asking;
                adding;
                publishing) {
            List.of(asking, adding, publishing).forEach(Loop::start);
            await().atMost(LIMIT).until(() -> round.get() > 3_000);
        }
        assertThat(query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .containsExactly("0");
    }

    @Test
    void outageOfAnHour_delaysAnswers_andLosesNone() throws Exception {
        Recipe recipe = recipe(10);
        int port;
        try (StandInLlm away = StandInLlm.start(0)) {
            port = URI.create(away.url()).getPort();
        }
        for (int i = 0; i < 20; i++) {
            add(recipe, "a" + i, "title " + i);
        }
        try (Worker worker = start(recipe, "http://127.0.0.1:" + port)) {
            await().atMost(LIMIT).until(() -> states("deferred") == 20);
            // The hour passes.
            query("UPDATE enrichment.question SET due_at = due_at - interval '1 hour', not_before = now() RETURNING 1");
            await().atMost(LIMIT)
                    .until(() -> states("deferred") == 20 && worker.detail().equals("anthropic unavailable"));
            assertThat(query("SELECT sum(reserved) + sum(spent) FROM enrichment.spend"))
                    .containsExactly("0");
            try (StandInLlm back = StandInLlm.start(port)) {
                await().atMost(Duration.ofSeconds(90)).until(() -> {
                    query("UPDATE enrichment.question SET not_before = now() WHERE state = 'deferred' RETURNING 1");
                    return states("done") == 20;
                });
                assertThat(back.asked()).isEqualTo(20);
            }
        }
    }
}
