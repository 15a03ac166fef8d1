package io.millrace.source.server;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.avro.Position;
import io.millrace.source.SourceDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The replication slot and the publication. A slot that was dropped, recreated or invalidated, or another cluster in the
 * place of the source, would mean changes that were never seen: capture then stops, loudly, instead of going on.
 */
public final class Slot {
    private static final String PLUGIN = "pgoutput";
    private static final int HEXADECIMAL = 16;

    private final SourceDefinition definition;

    /** Which cluster this is, and which of its histories. */
    public record Cluster(String systemIdentifier, int timeline) {}

    private record State(
            String plugin,
            String database,
            boolean active,
            String walStatus,
            @Nullable Lsn confirmed) {}

    public Slot(SourceDefinition definition) {
        this.definition = definition;
    }

    /**
     * Whether this connection's process is the one that captures the source, until the connection ends: of two hubs, one does, and the
     * other takes over within a second when that one is gone. A lock that nobody else looks at; it holds up nothing in the source.
     */
    public boolean takeTurn(Connection source) throws SQLException {
        try (PreparedStatement turn =
                source.prepareStatement("SELECT pg_try_advisory_lock(hashtext('millrace.source'), hashtext(?))")) {
            turn.setString(1, definition.name().toString());
            try (ResultSet row = turn.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /** The timeline is that of the log which is written now: the checkpoint's is still the old one after a promotion. */
    public static Cluster cluster(Connection source) throws SQLException {
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT system_identifier::text, left(pg_walfile_name(pg_current_wal_lsn()), 8) FROM pg_control_system()")) {
            row.next();
            return new Cluster(row.getString(1), Integer.parseInt(row.getString(2), HEXADECIMAL));
        }
    }

    /** @throws MillraceException if streaming from the slot would not go on exactly where the position is */
    public void verify(Connection source, Position position) throws SQLException {
        Cluster now = cluster(source);
        if (!now.systemIdentifier().equals(position.getSystemIdentifier())) {
            throw gap("the server is another cluster than the one that was captured (system identifier "
                    + now.systemIdentifier() + ", was " + position.getSystemIdentifier() + ")");
        }
        if (now.timeline() != position.getTimeline()) {
            throw gap("the server's timeline is " + now.timeline() + ", was " + position.getTimeline()
                    + ": a standby was promoted, or a backup restored");
        }
        State state = read(source);
        if (state == null) {
            throw gap("replication slot " + definition.slot() + " does not exist any more");
        }
        if (!state.plugin.equals(PLUGIN) || !state.database.equals(database(source))) {
            throw gap("replication slot " + definition.slot() + " is of plugin " + state.plugin + " in database "
                    + state.database);
        }
        if (state.walStatus.equals("lost") || state.confirmed == null) {
            throw gap("replication slot " + definition.slot()
                    + " is invalidated: the server removed log that was not captured yet (max_slot_wal_keep_size)");
        }
        Lsn stored = new Lsn(position.getCommitLsn());
        if (state.confirmed.isAfter(stored)) {
            throw gap("replication slot " + definition.slot() + " is confirmed up to " + state.confirmed
                    + ", but only the changes up to " + stored + " are in Kafka");
        }
        Publication publication = new Publication(definition);
        Optional<String> wrong = publication.wrongTables(source);
        if (wrong.isPresent()) {
            throw gap(wrong.get());
        }
        List<String> left = publication.leavesOut(source);
        if (!left.isEmpty()) {
            throw gap("publication " + definition.publication() + " leaves out " + String.join(", ", left));
        }
    }

    private MillraceException gap(String what) {
        return new MillraceException(
                Category.EXTERNAL,
                "source " + definition.name() + ": " + what + "; going on would lose changes",
                "ask for a new snapshot: 'millrace snapshot' with the same configuration, then start the hub again");
    }

    private @Nullable State read(Connection source) throws SQLException {
        try (PreparedStatement statement = source.prepareStatement(
                "SELECT plugin, database, active, coalesce(wal_status, 'lost'), confirmed_flush_lsn::text"
                        + " FROM pg_replication_slots WHERE slot_name = ?")) {
            statement.setString(1, definition.slot());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                String confirmed = row.getString(5);
                return new State(
                        row.getString(1),
                        row.getString(2),
                        row.getBoolean(3),
                        row.getString(4),
                        confirmed == null ? null : Lsn.parse(confirmed));
            }
        }
    }

    private static String database(Connection source) throws SQLException {
        return source.getCatalog();
    }

    /** Makes the publication one of exactly the captured tables, with everything that happens to them. */
    public void publish(Connection source) throws SQLException {
        new Publication(definition).make(source);
    }

    /** Drops what an interrupted snapshot left; refuses to drop a slot that somebody reads. */
    public void dropLeftOver(Connection source) throws SQLException {
        State state = read(source);
        if (state == null) {
            return;
        }
        if (state.active) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "replication slot " + definition.slot() + " is being read by another process",
                    "end the other hub, or give this source another slot name in the catalog");
        }
        try (PreparedStatement statement = source.prepareStatement("SELECT pg_drop_replication_slot(?)")) {
            statement.setString(1, definition.slot());
            statement.execute();
        }
    }

    /** Transactions that a new slot has to wait for, each with what ends it. A snapshot cannot tell what they will have done. */
    public static List<String> running(Connection source) throws SQLException {
        List<String> running = new ArrayList<>();
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT format('prepared transaction %L of database %I since %s: COMMIT PREPARED %1$L, or ROLLBACK PREPARED %1$L',
                          gid, database, prepared::timestamp(0)) FROM pg_prepared_xacts
                        UNION ALL
                        SELECT format('transaction of process %s (%s, role %s) since %s: it has to end, or SELECT pg_terminate_backend(%1$s)',
                          pid, coalesce(nullif(application_name, ''), 'no application name'), usename, xact_start::timestamp(0))
                        FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()""")) {
            while (row.next()) {
                running.add(row.getString(1));
            }
        }
        return running;
    }

    /** Warnings that an operator should see at start: log retention without a bound. */
    public static List<String> warnings(Connection source) throws SQLException {
        List<String> warnings = new ArrayList<>();
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_setting('max_slot_wal_keep_size')")) {
            row.next();
            if (row.getString(1).equals("-1")) {
                warnings.add(
                        "max_slot_wal_keep_size is not set: while capture is stopped, log can fill the source's disk");
            }
        }
        return warnings;
    }
}
