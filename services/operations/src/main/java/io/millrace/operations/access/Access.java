package io.millrace.operations.access;

import io.millrace.ledger.LedgerDatabase;
import io.millrace.operations.settings.Settings;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.registry.SchemaRegistry;

/** Schema {@code access} of the analytics database: keys, people, roles, sessions, and what happened with them. */
public final class Access implements AutoCloseable {
    private static final LedgerDatabase.Kind KIND =
            new LedgerDatabase.Kind("keys and users", "gateway", "access", "io/millrace/operations/access", 4);

    private final LedgerDatabase database;

    /** Does not connect yet. */
    public Access(String jdbcUrl, String user, String password) {
        this.database = new LedgerDatabase(KIND, jdbcUrl, user, password);
    }

    /**
     * For a command, which somebody waits for: reachable, and made.
     *
     * @throws MillraceException within seconds, with a remedy, if the database is unreachable
     */
    public static Access ready(String jdbcUrl, String user, String password) {
        Access access = new Access(jdbcUrl, user, password);
        try {
            access.database.requireReachable();
            access.migrate();
            return access;
        } catch (RuntimeException failed) {
            access.close();
            throw failed;
        }
    }

    /**
     * Whether some version of Millrace made the tables. Answers within seconds.
     *
     * @throws MillraceException with a remedy, if the database is unreachable
     */
    public boolean isMade() {
        return database.isMade();
    }

    /** Makes the tables, or what is missing of them. */
    public void migrate() {
        database.migrate();
    }

    public ApiKeys keys() {
        return new ApiKeys(database.jdbi());
    }

    public Roles roles() {
        return new Roles(database.jdbi());
    }

    public Users users() {
        return new Users(database.jdbi());
    }

    public Sessions sessions() {
        return new Sessions(database.jdbi());
    }

    public SignIns signIns() {
        return new SignIns(database.jdbi());
    }

    public Settings settings() {
        return new Settings(database.jdbi());
    }

    public AccessEvents events() {
        return new AccessEvents(database.jdbi());
    }

    /**
     * Sends what happens at the door to the audit trail, once it is started.
     *
     * @param source name, under which governance keeps alerts
     */
    public AccessRelay relay(String source, KafkaServers kafkaServers, SchemaRegistry registry) {
        return new AccessRelay(database.jdbi(), source, kafkaServers, registry);
    }

    @Override
    public void close() {
        database.close();
    }
}
