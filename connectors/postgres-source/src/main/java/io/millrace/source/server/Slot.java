package io.millrace.source.server;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.TableName;
import io.millrace.schemas.avro.Position;
import io.millrace.schemas.failure.Category;
import io.millrace.schemas.failure.MillraceException;
import io.millrace.source.SourceDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The replication slot and the publication. A slot that was dropped, recreated or invalidated, or another cluster in the
 * place of the source, would mean changes that were never seen: capture then stops, loudly, instead of going on.
 */
public final class Slot {
    private static final String PLUGIN = "pgoutput";

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

    public static Cluster cluster(Connection source) throws SQLException {
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT system_identifier::text, timeline_id FROM pg_control_system(), pg_control_checkpoint()")) {
            row.next();
            return new Cluster(row.getString(1), row.getInt(2));
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
        Set<String> published = published(source);
        Set<String> wanted =
                definition.tables().stream().map(TableName::toString).collect(Collectors.toCollection(TreeSet::new));
        if (!published.equals(wanted)) {
            throw gap("publication " + definition.publication() + " has the tables " + published + " instead of "
                    + wanted);
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

    private Set<String> published(Connection source) throws SQLException {
        Set<String> tables = new TreeSet<>();
        try (PreparedStatement statement = source.prepareStatement(
                "SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = ?")) {
            statement.setString(1, definition.publication());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
            }
        }
        return tables;
    }

    /** Makes the publication one of exactly the captured tables. */
    public void publish(Connection source) throws SQLException {
        String tables = definition.tables().stream().map(TableName::quoted).collect(Collectors.joining(", "));
        try (Statement statement = source.createStatement()) {
            boolean exists;
            try (ResultSet row = statement.executeQuery(
                    "SELECT 1 FROM pg_publication WHERE pubname = '" + definition.publication() + "'")) {
                exists = row.next();
            }
            String name = '"' + definition.publication() + '"';
            statement.execute(
                    exists
                            ? "ALTER PUBLICATION " + name + " SET TABLE " + tables
                            : "CREATE PUBLICATION " + name + " FOR TABLE " + tables
                                    + " WITH (publish_via_partition_root = true)");
        }
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
