package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.server.CapturedTables;
import io.millrace.source.server.SourceServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What would break the application's writes, or hide rows and changes, is refused before anything is published; the remedy works. */
class SourceGuardTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static Map<TableName, RelationSchema> read(Servers.Fixture fixture, SourceServer server)
            throws SQLException {
        try (Connection connection = server.connect()) {
            return CapturedTables.read(connection, fixture.definition);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            ALTER TABLE t REPLICA IDENTITY NOTHING ~ REPLICA IDENTITY NOTHING ~ ALTER TABLE "public"."t" REPLICA IDENTITY DEFAULT
            ALTER TABLE t REPLICA IDENTITY USING INDEX t_code ~ index t_code as its replica identity ~ ALTER TABLE "public"."t" REPLICA IDENTITY DEFAULT
            ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (id) DEFERRABLE ~ a deferrable primary key ~ ALTER TABLE "public"."t" DROP CONSTRAINT "t_pkey", ADD CONSTRAINT "t_pkey" PRIMARY KEY ("id")
            """)
    void tableThatTheApplicationCouldNotUpdateAnyMore_isRefusedBeforeItIsPublished(
            String alter, String message, String remedy) throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(
                "CREATE TABLE t (id int PRIMARY KEY, code int NOT NULL)",
                "CREATE UNIQUE INDEX t_code ON t (code)",
                alter);
        PostgresSource source = fixture.start();
        await().atMost(LIMIT).until(() -> source.end().isDone());
        assertThatThrownBy(() -> source.end().join())
                .cause()
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(remedy);
        fixture.execute("INSERT INTO t VALUES (1, 1)", "UPDATE t SET code = 2", "DELETE FROM t", remedy);
        try (PostgresSource fixed = fixture.startReady()) {
            fixture.execute("INSERT INTO t VALUES (1, 1)", "UPDATE t SET code = 2");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(fixture.rows("t")).containsValue("[1, 2]"));
        }
    }

    @Test
    void partitionWithAnIdentityOfItsOwn_isRefused() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(
                "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20)",
                "ALTER TABLE t2 REPLICA IDENTITY NOTHING");
        assertThatThrownBy(() -> read(fixture, fixture.server)).hasMessageContaining("(t2)");
        fixture.execute("ALTER TABLE t2 REPLICA IDENTITY DEFAULT");
        assertThatCode(() -> read(fixture, fixture.server)).doesNotThrowAnyException();
    }

    @Test
    void rowsThatAPolicyHides_areRefused_andTheRemedyWorks() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        String role = "owner_" + fixture.definition.name();
        fixture.execute(
                "CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'x'",
                "CREATE TABLE t (id int PRIMARY KEY, tenant text)",
                "ALTER TABLE t OWNER TO " + role,
                "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE t FORCE ROW LEVEL SECURITY");
        SourceServer owner = new SourceServer(fixture.server.jdbcUrl(), role, "x");
        assertThatThrownBy(() -> read(fixture, owner))
                .hasMessageContaining("row-level security hides rows of table public.t from role " + role)
                .hasMessageContaining("ALTER ROLE \"" + role + "\" BYPASSRLS");
        fixture.execute("ALTER ROLE \"" + role + "\" BYPASSRLS");
        assertThatCode(() -> read(fixture, owner)).doesNotThrowAnyException();
    }

    @Test
    void columnWhoseCollationIsNotDeterministic_hasATypeOfItsOwn() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(
                "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "CREATE TABLE t (id int PRIMARY KEY, name text COLLATE ci, code varchar(5))");
        RelationSchema relation =
                read(fixture, fixture.server).values().iterator().next();
        assertThat(relation.columns().get(1).type().name()).isEqualTo("text COLLATE ci");
        assertThat(relation.columns().get(2).type().name()).isEqualTo("character varying(5)");
    }

    @Test
    void tableThatOthersInheritFrom_isRefused_andTheRemedyWorks() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE t1 (extra text) INHERITS (t)");
        assertThatThrownBy(() -> read(fixture, fixture.server))
                .hasMessageContaining("tables inherit from table public.t (t1)")
                .hasMessageContaining("ALTER TABLE t1 NO INHERIT \"public\".\"t\"");
        fixture.execute("ALTER TABLE t1 NO INHERIT \"public\".\"t\"");
        assertThatCode(() -> read(fixture, fixture.server)).doesNotThrowAnyException();
    }

    /** Postgres would refuse updates of such a table once it is published. */
    @Test
    void keyWithAGeneratedColumn_isRefused() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(
                "CREATE TABLE t (id int, code text, short text GENERATED ALWAYS AS (lower(code)) STORED, PRIMARY KEY (id, short))");
        assertThatThrownBy(() -> read(fixture, fixture.server))
                .hasMessageContaining("the generated column short")
                .hasMessageContaining("leave the table out");
        fixture.execute("ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (id)");
        assertThatCode(() -> read(fixture, fixture.server)).doesNotThrowAnyException();
    }

    @Test
    void columnsThatAreNotCaptured_areKnownByName_alsoToReadersOfTheRegistry() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(
                "CREATE TABLE t (id int PRIMARY KEY, code text, short text GENERATED ALWAYS AS (lower(code)) STORED)");
        RelationSchema relation =
                read(fixture, fixture.server).values().iterator().next();
        assertThat(relation.omitted()).containsExactly("short");
        assertThat(RelationSchema.of(relation.name(), relation.valueSchema())).isEqualTo(relation);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            NATIVE ~ FOR TABLE t (id) WHERE (id > 5) WITH (publish = 'insert')
            NATIVE ~ FOR ALL TABLES
            DEBEZIUM ~ FOR ALL TABLES
            NATIVE ~ FOR TABLES IN SCHEMA public WITH (publish = 'delete')
            NATIVE ~ FOR TABLES IN SCHEMA elsewhere
            NATIVE ~ FOR TABLES IN SCHEMA elsewhere, TABLE t WHERE (id > 5) WITH (publish_via_partition_root)
            """)
    void publicationThatWasMadeBefore_tellsEverythingAfterwards(ReaderKind reader, String publication)
            throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        fixture.execute(
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.other (id int4range PRIMARY KEY)",
                "CREATE PUBLICATION " + fixture.definition.publication() + " " + publication,
                "INSERT INTO t VALUES (1, 'a')");
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute(
                    "INSERT INTO elsewhere.other VALUES ('[1,2)')",
                    "TRUNCATE elsewhere.other",
                    "UPDATE t SET v = 'b'",
                    "INSERT INTO t VALUES (2, 'c')",
                    "DELETE FROM t WHERE id = 2");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(fixture.rows("t")).hasToString("{[1]=[1, b]}"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            SET (publish = 'insert, delete, truncate') ~ leaves out updates
            SET TABLE t WHERE (id > 5) ~ leaves out rows of public.t (WHERE (id > 5))
            SET TABLE t (id) ~ leaves out columns of public.t (v)
            SET (publish_via_partition_root = false) ~ leaves out the names of partitioned tables
            """)
    void publicationThatIsAlteredMeanwhile_endsCapture(String alter, String message) throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute("ALTER PUBLICATION " + fixture.definition.publication() + " " + alter);
            await().atMost(LIMIT).until(() -> source.end().isDone());
            assertThatThrownBy(() -> source.end().join())
                    .cause()
                    .isInstanceOfSatisfying(MillraceException.class, failure -> {
                        assertThat(failure).hasMessageContaining(message);
                        assertThat(failure.remedy()).contains("millrace snapshot");
                    });
        }
    }

    @Test
    void tablesWhoseRowsWouldShareATopic_areRefused() {
        assertThatThrownBy(() -> new SourceDefinition(
                        new SourceName("erp"),
                        List.of(new TableName("public", "order item"), new TableName("public", "order_item")),
                        Set.of(),
                        null,
                        1,
                        "slot",
                        "publication",
                        ReaderKind.NATIVE,
                        ColumnChoice.ALL,
                        null))
                .hasMessageContaining(
                        "public.order item and public.order_item would be in one topic, cdc.erp.public.order_item");
    }

    @Test
    void roleThatMayNothing_isToldEachStatement_andThenCaptures() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t", "Odd \"t");
        String role = "Reader \"" + fixture.definition.name();
        String quoted = "\"" + role.replace("\"", "\"\"") + "\"";
        fixture.execute(
                "CREATE ROLE " + quoted + " LOGIN PASSWORD 'x'",
                "CREATE TABLE t (id int PRIMARY KEY)",
                "CREATE TABLE \"Odd \"\"t\" (id int PRIMARY KEY)",
                "REVOKE USAGE ON SCHEMA public FROM PUBLIC",
                "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
        SourceServer reader = new SourceServer(fixture.server.jdbcUrl(), role, "x");
        PostgresSource refused = PostgresSource.start(fixture.definition, reader, fixture.cluster, fixture.registry);
        await().atMost(LIMIT).until(() -> refused.end().isDone());
        StringBuilder told = new StringBuilder();
        List<String> statements = new ArrayList<>();
        assertThatThrownBy(() -> refused.end().join())
                .cause()
                .isInstanceOfSatisfying(MillraceException.class, failure -> {
                    told.append(failure.getMessage());
                    statements.addAll(statements(told.toString()));
                });
        assertThat(statements).as("%s", told).hasSize(7);
        fixture.execute(statements.toArray(String[]::new));
        try (PostgresSource source =
                PostgresSource.start(fixture.definition, reader, fixture.cluster, fixture.registry)) {
            await().atMost(LIMIT).until(source::ready);
            fixture.execute("INSERT INTO t VALUES (7)");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(fixture.rows("t")).hasToString("{[7]=[7]}"));
        }
    }

    /** Whatever begins as SQL, up to the next semicolon or the line's end. */
    private static List<String> statements(String message) {
        return Pattern.compile("(?:GRANT|ALTER|CREATE) [A-Z][^;\n]*")
                .matcher(message)
                .results()
                .map(found -> found.group())
                .filter(sql -> !sql.contains("rds_replication"))
                .toList();
    }

    @Test
    void publicationThatLeftOutChangesForAWhile_isMadeUpForByReadingAgain() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        try (PostgresSource source = fixture.startReady()) {
            await().atMost(LIMIT).until(source::ready);
        }
        String alter = "ALTER PUBLICATION " + fixture.definition.publication();
        fixture.execute(
                alter + " SET (publish = 'truncate')",
                "UPDATE t SET v = 'c' WHERE id = 1",
                "DELETE FROM t WHERE id = 2",
                "INSERT INTO t VALUES (3, 'd')",
                alter + " SET (publish = 'insert, update, delete, truncate')");
        try (PostgresSource source = fixture.startReady()) {
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(fixture.rows("t")).hasToString("{[1]=[1, c], [3]=[3, d]}"));
            fixture.execute("INSERT INTO t VALUES (4, 'e')");
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(fixture.rows("t")).hasToString("{[1]=[1, c], [3]=[3, d], [4]=[4, e]}"));
            assertThat(fixture.rereads()).isEqualTo(1);
            assertThat(source.ready()).isTrue();
        }
    }

    @Test
    void urlWithSeveralServersAndParameters_isUsedAsItIs_alsoToReadTheLog() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY)");
        String url = fixture.server.jdbcUrl().replace("127.0.0.1", "127.0.0.1:1,127.0.0.1")
                + "?targetServerType=primary&sslmode=disable&loadBalanceHosts=false";
        SourceServer several = new SourceServer(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        assertThat(several.parameters()).containsEntry("sslmode", "disable").doesNotContainKey("password");
        assertThat(several.database()).isEqualTo(fixture.server.database());
        try (PostgresSource source =
                PostgresSource.start(fixture.definition, several, fixture.cluster, fixture.registry)) {
            await().atMost(LIMIT).until(source::ready);
            fixture.execute("INSERT INTO t VALUES (7)");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(fixture.rows("t")).hasToString("{[7]=[7]}"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://[::1]:5433/erp,erp",
        "jdbc:postgresql://db.example/erp?sslmode=verify-full&sslrootcert=/ca.pem,erp",
        "jdbc:postgresql://localhost/,postgres"
    })
    void everyUrlOfTheDriver_isUnderstood(String url, String database) {
        SourceServer server = new SourceServer(url, "postgres", "x");
        assertThat(server.database()).isEqualTo(database);
        if (url.contains("sslmode")) {
            assertThat(server.parameters())
                    .containsEntry("sslmode", "verify-full")
                    .containsEntry("sslrootcert", "/ca.pem");
        }
    }
}
