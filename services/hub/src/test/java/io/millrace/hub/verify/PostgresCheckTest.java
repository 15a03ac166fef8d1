package io.millrace.hub.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.catalog.Problem;
import io.millrace.catalog.ViewFile;
import io.millrace.catalog.ViewFiles;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.hub.config.Database;
import io.millrace.hub.config.Secret;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.planner.ViewPlanner;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server says of views that were planned here: on the source with its tables, elsewhere with what they look like. */
class PostgresCheckTest {
    private static final RelationSchema ORDERS = new RelationSchema(
            new TableName("sales", "orders"),
            List.of(
                    new Column("id", PgType.INT4, false),
                    new Column("total", PgType.parse("numeric(12,2)"), true),
                    new Column("state", PgType.parse("sales.order_state"), true),
                    new Column("at", PgType.TIMESTAMPTZ, true)),
            List.of("id"),
            null,
            false);

    @TempDir
    private static Path folder;

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws Exception {
        postgres = EmbeddedPostgres.start(folder, 0, Map.of("fsync", "off"));
        try (Connection source = database("erp").connect();
                Statement statement = source.createStatement()) {
            statement.execute("CREATE SCHEMA sales");
            statement.execute("CREATE TYPE sales.order_state AS ENUM ('open', 'done')");
            statement.execute(
                    "CREATE TABLE sales.orders (id int PRIMARY KEY, total numeric(12,2), state sales.order_state, at timestamptz)");
        }
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Database database(String name) {
        return new Database(postgres.jdbcUrl(name), EmbeddedPostgres.USER, Secret.of(EmbeddedPostgres.PASSWORD));
    }

    private static ViewPlan plan(String sql) {
        return switch (new ViewPlanner(List.of(ORDERS), 1).plan(ViewFiles.parse("views/v.sql", sql))) {
            case ViewPlanner.Result.Planned planned -> planned.plan();
            case ViewPlanner.Result.Refused refused -> throw new AssertionError(refused.problem());
        };
    }

    /** @param asked what the server is asked about a plan of {@code planned} */
    private static Optional<Problem> problem(String server, String planned, String asked) {
        ViewFile file = ViewFiles.parse("views/v.sql", asked);
        List<Database> servers =
                List.of(new Database("jdbc:postgresql://127.0.0.1:1/away", "nobody", Secret.of("")), database(server));
        boolean source = server.equals("erp");
        try (PostgresCheck check = PostgresCheck.open(source ? servers.subList(1, 2) : servers, source, List.of(ORDERS))
                .orElseThrow()) {
            return check.problem(file, plan(planned));
        }
    }

    @Test
    void viewThatIsRight_hasNoProblem_onTheSourceAndElsewhere() {
        String sql =
                "-- Orders.\nSELECT id, total * 2 AS twice, state::text AS state, date_trunc('day', at) AS day, today"
                        + " FROM orders CROSS JOIN clock -- all of them\n;";
        assertThat(problem("erp", sql, sql)).isEmpty();
        assertThat(problem("analytics", sql, sql)).isEmpty();
    }

    @Test
    void otherNamesAndTypes_areAProblem() {
        String ours = "SELECT id, total FROM orders";
        for (String server : List.of("erp", "analytics")) {
            assertThat(problem(server, ours, "SELECT id, total::float8 AS total FROM orders"))
                    .hasValueSatisfying(problem -> assertThat(problem.message())
                            .isEqualTo("column 2 is total numeric here, and total float8 in Postgres"));
            assertThat(problem(server, ours, "SELECT id, total AS sum FROM orders"))
                    .isPresent();
            assertThat(problem(server, ours, "SELECT id FROM orders")).isPresent();
        }
    }

    @Test
    void whatPostgresRefuses_isAProblemAtItsPlace() {
        for (String server : List.of("erp", "analytics")) {
            assertThat(problem(server, "SELECT id FROM orders", "-- One.\nSELECT id\nFROM orders WHERE totl > 1"))
                    .hasValueSatisfying(problem -> {
                        assertThat(problem.line() + ":" + problem.column()).isEqualTo("3:19");
                        assertThat(problem.message()).contains("Postgres refuses it: column \"totl\" does not exist");
                    });
        }
    }

    @Test
    void theirTablesAreLeftAsTheyWere() throws Exception {
        problem("analytics", "SELECT id FROM orders", "SELECT id FROM orders");
        try (Connection analytics = database("analytics").connect();
                Statement statement = analytics.createStatement();
                var tables = statement.executeQuery("SELECT 1 FROM pg_class WHERE relname = 'orders'")) {
            assertThat(tables.next()).isFalse();
        }
    }
}
