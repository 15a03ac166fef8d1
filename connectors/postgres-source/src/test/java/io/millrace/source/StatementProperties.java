package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedRegistry;
import io.millrace.schemas.TableName;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.source.publish.SnapshotRequest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever statements the source runs, while it is captured or not, the topics are what the tables are. To look further:
 * {@code -Dmillrace.rounds=25 -Dmillrace.seed=1}.
 */
@SuppressWarnings("NullAway.Init")
class StatementProperties {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int ROUNDS = Integer.getInteger("millrace.rounds", 2);
    private static final List<TableName> TABLES = Stream.of("s0", "s1", "s2", "s3")
            .map(schema -> new TableName(schema, "t"))
            .toList();

    /** A real one: it refuses what readers of the newest schema could not read. */
    private static EmbeddedRegistry registry;

    @BeforeAll
    static void start(@TempDir Path directory) {
        registry = EmbeddedRegistry.start(directory, 0);
    }

    @AfterAll
    static void end() {
        registry.close();
    }

    private static boolean partitioned(TableName table) {
        return table.schema().compareTo("s2") >= 0;
    }

    @Test
    void statementsAtRandom_areInTheTopics() throws Exception {
        long seed = Long.getLong("millrace.seed", 20_261_127L);
        for (int round = 0; round < ROUNDS; round++) {
            try {
                run(seed + round);
            } catch (Exception failed) {
                throw new AssertionError("seed " + (seed + round), failed);
            }
        }
    }

    private static void run(long seed) throws Exception {
        Random random = new Random(seed);
        Servers.Fixture fixture = Servers.fixture(ReaderKind.NATIVE, 1, TABLES, new HttpSchemaRegistry(registry.url()));
        for (TableName table : TABLES) {
            fixture.execute(RandomStatements.create(table, partitioned(table)).toArray(String[]::new));
        }
        RandomStatements statements = new RandomStatements(random, fixture.definition.publication());
        List<String> history = new ArrayList<>();
        PostgresSource source = fixture.startReady();
        try (Connection connection = fixture.server.connect()) {
            for (int block = 0; block < 4; block++) {
                boolean captured = random.nextInt(3) > 0;
                if (!captured) {
                    source.close();
                    history.add("-- stopped");
                }
                for (int i = 0; i < 12; i++) {
                    transaction(connection, statements, random, history);
                }
                if (!captured) {
                    if (random.nextInt(4) == 0) {
                        SnapshotRequest.send(fixture.definition.name(), fixture.cluster, fixture.registry);
                        history.add("-- a snapshot is asked for");
                    }
                    source = fixture.startReady();
                    history.add("-- started");
                }
                awaitEqual(fixture, source, seed, history);
            }
        } finally {
            source.close();
        }
    }

    /** Each statement may fail, and is then taken back by itself. */
    private static void transaction(
            Connection connection, RandomStatements statements, Random random, List<String> history)
            throws SQLException {
        connection.setAutoCommit(false);
        history.add("BEGIN;");
        try (Statement statement = connection.createStatement()) {
            for (int i = random.nextInt(6); i >= 0; i--) {
                TableName table = TABLES.get(random.nextInt(TABLES.size()));
                String sql = statements.next(connection, table, partitioned(table));
                statement.execute("SAVEPOINT s");
                boolean takenBack = random.nextInt(8) == 0;
                try {
                    statement.execute(sql);
                } catch (SQLException refused) {
                    statement.execute("ROLLBACK TO s");
                    continue;
                }
                if (takenBack) {
                    statement.execute("ROLLBACK TO s");
                } else {
                    history.add(sql + ";");
                }
            }
        }
        boolean kept = random.nextInt(10) > 0;
        history.add(kept ? "COMMIT;" : "ROLLBACK;");
        if (kept && random.nextInt(8) == 0) {
            connection.createStatement().execute("PREPARE TRANSACTION 'p'");
            connection.setAutoCommit(true);
            connection.createStatement().execute("COMMIT PREPARED 'p'");
        } else if (kept) {
            connection.commit();
        } else {
            connection.rollback();
        }
        connection.setAutoCommit(true);
    }

    private static void awaitEqual(Servers.Fixture fixture, PostgresSource source, long seed, List<String> history) {
        for (TableName table : TABLES) {
            @Nullable Throwable[] last = new Throwable[1];
            try {
                await().atMost(LIMIT).until(() -> {
                    try {
                        assertThat(source.end()).isNotDone();
                        assertThat(shortened(fixture.rows(table))).isEqualTo(shortened(fixture.table(table)));
                        return true;
                    } catch (AssertionError different) {
                        last[0] = different;
                        return source.end().isDone();
                    }
                });
                assertThat(source.end()).isNotDone();
            } catch (org.awaitility.core.ConditionTimeoutException | AssertionError different) {
                throw new AssertionError(
                        "seed " + seed + ", table " + table + ", after\n"
                                + String.join(
                                        "\n",
                                        history.stream()
                                                .filter(line -> line.contains(table.schema())
                                                        || line.startsWith("--")
                                                        || line.endsWith("BEGIN;")
                                                        || line.endsWith("COMMIT;")
                                                        || line.endsWith("ROLLBACK;"))
                                                .toList()),
                        last[0]);
            }
        }
    }

    /** Long texts are of one letter. */
    private static Map<String, String> shortened(Map<String, String> rows) {
        Map<String, String> shortened = new TreeMap<>();
        rows.forEach((key, row) -> {
            Matcher runs = Pattern.compile("(\\p{L})\\1{9,}").matcher(row);
            shortened.put(
                    key, runs.replaceAll(run -> run.group(1) + "*" + run.group().length()));
        });
        return shortened;
    }
}
