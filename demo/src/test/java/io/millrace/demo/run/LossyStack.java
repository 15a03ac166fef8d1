package io.millrace.demo.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.catalog.ViewFile;
import io.millrace.catalog.ViewFiles;
import io.millrace.demo.erp.ReferenceErp;
import io.millrace.demo.oracle.Comparison;
import io.millrace.demo.oracle.ViewCheck;
import io.millrace.demo.trade.Simulator;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.platform.data.DataDirectory;
import io.millrace.schemas.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import org.awaitility.Awaitility;

/** Servers and a hub, of which something is going to be lost. */
@SuppressWarnings("NullAway.Init")
final class LossyStack implements AutoCloseable {
    static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Path CATALOG = Path.of("../catalog");
    private static final String ROLES = "source, views, governance, sink, notifications";

    /** Alerts with what was decided. */
    static final String DECIDED =
            "SELECT string_agg(id || ' ' || version || ' ' || state || ' ' || coalesce(\"by\", ''), ', ' ORDER BY id) FROM analytics.alert";

    private final Path directory;
    EmbeddedStack servers;
    HubChild hub;

    private LossyStack(Path directory) {
        this.directory = directory;
    }

    /** With a business that has traded, and a hub that has its views. */
    static LossyStack start(Path directory) throws IOException, SQLException, InterruptedException {
        LossyStack stack = new LossyStack(directory);
        stack.startServers();
        String erp = stack.servers.postgres().jdbcUrl("erp");
        ReferenceErp.migrate(erp, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        try (Simulator simulator = Simulator.prepare(
                erp,
                EmbeddedPostgres.USER,
                EmbeddedPostgres.PASSWORD,
                new Simulator.Options(Double.POSITIVE_INFINITY, 2, 11, 60))) {
            simulator.start();
            simulator.await();
        }
        Files.createDirectories(directory.resolve("logs"));
        stack.startHub();
        stack.hub.awaitReady();
        stack.assertViewsEqual();
        return stack;
    }

    void startServers() {
        servers = EmbeddedStack.start(
                DataDirectory.open(directory),
                false,
                Set.of(EmbeddedStack.Part.values()),
                EmbeddedKafka.Place.BesideThisJvm.withThisClassPath());
    }

    void startHub() {
        hub = HubChild.start(servers, directory, CATALOG, ROLES);
    }

    /** The first value of the first row. */
    String query(String database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    void execute(String database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                servers.postgres().jdbcUrl(database), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
    }

    /** Makes users administrators, each of which is an alert. */
    void grant(String by, int users) throws SQLException {
        assertThat(query(
                        "erp",
                        "WITH granted AS (INSERT INTO role_assignment SELECT tenant_id, user_name, 'admin', '" + by
                                + "', now()"
                                + " FROM user_account u WHERE tenant_id = 1 AND NOT EXISTS (SELECT FROM role_assignment r"
                                + " WHERE r.user_name = u.user_name AND r.role IN ('admin', 'treasurer')) LIMIT "
                                + users
                                + " RETURNING 1) SELECT count(*) FROM granted"))
                .isEqualTo(String.valueOf(users));
    }

    String millrace(String... arguments) {
        return PromisesTest.millrace(directory, arguments);
    }

    void assertViewsEqual() throws SQLException {
        Lsn end = Lsn.parse(query("erp", "SELECT pg_logical_emit_message(true, 'millrace.test', '')::text"));
        try (Connection source = connect("erp");
                Connection analytics = connect("analytics")) {
            ViewCheck views = new ViewCheck(source, analytics);
            views.await(end, LIMIT);
            for (ViewFile view : ViewFiles.read(CATALOG)) {
                Comparison comparison = views.compare(view);
                assertThat(comparison.differences())
                        .as("%s: %s", comparison.subject(), comparison.examples())
                        .isZero();
            }
        }
    }

    /** Until a query of the analytics database has this answer. */
    void await(String sql, String answer) {
        Awaitility.await().atMost(LIMIT).until(() -> query("analytics", sql), answer::equals);
    }

    @Override
    public void close() {
        hub.close();
        servers.close();
    }
}
