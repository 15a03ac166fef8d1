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
import io.millrace.enrichment.llm.AnthropicLlm;
import io.millrace.enrichment.recipe.OutputField;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.schemas.avro.Enrichment;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        return new Recipe(
                "explain",
                "",
                "alerts",
                List.of(),
                List.of("title"),
                List.of("who"),
                "Explain.",
                List.of(
                        new OutputField("explanation", "what", 500, List.of()),
                        new OutputField("cause", "why", 0, List.of("mistake", "unclear"))),
                "model-1",
                "",
                100,
                1.0,
                5.0,
                budget,
                Duration.ofSeconds(5));
    }

    private void add(Recipe recipe, String subject, String title) {
        Map<String, String> input = Map.of("title", title, "who", "Ann");
        questions.add(recipe.name(), subject, Enricher.prepare(recipe, input).key(), input);
    }

    private Worker start(Recipe recipe, String llm) {
        Worker worker =
                new Worker(questions, new Enricher(new AnthropicLlm(llm, "secret")), Map.of(recipe.name(), recipe));
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
                assertThat(worker.detail()).isEqualTo("LLM closed");
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
        assertThat(query("SELECT spent <= " + recipe.budget() + " FROM enrichment.spend"))
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
        // Of another one, which may still be at it, only after a while.
        add(recipe, "b", "two");
        assertThat(questions.take()).isPresent();
        query("UPDATE enrichment.question SET owner = 'another' WHERE subject = 'b'");
        try (StandInLlm llm = StandInLlm.start(0);
                Worker worker = start(recipe, llm.url())) {
            await().atMost(LIMIT).until(() -> states("done") == 1);
            assertThat(states("asking")).isEqualTo(1);
            query("UPDATE enrichment.question SET changed_at = changed_at - interval '3 min'");
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
}
