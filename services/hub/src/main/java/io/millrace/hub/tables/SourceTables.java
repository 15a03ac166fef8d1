package io.millrace.hub.tables;

import io.millrace.hub.config.Database;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.KnownServers;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import io.millrace.source.server.CapturedTables;
import io.millrace.source.server.SourceFailures;
import io.millrace.source.server.SourceServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The source's tables: of the configured server, or of the one that was started in the data directory. While it is unreachable, as
 * they were when they were seen last.
 *
 * @param note where they are from, if not from the server; else empty
 */
public record SourceTables(Collection<RelationSchema> relations, String note) {

    public static SourceTables read(HubConfig config, SourceDefinition source) {
        Optional<Database> database = KnownServers.source(config);
        if (database.isEmpty()) {
            return seen(config, source)
                    .orElseThrow(() -> new MillraceException(
                            Category.USER,
                            "the tables to check against are unknown: no source is configured, and none runs in "
                                    + config.data(),
                            "name source.url in the configuration file, or start './millrace demo' once"));
        }
        try {
            return new SourceTables(read(config.data(), database.get(), source), "");
        } catch (MillraceException away) {
            if (away.category() != Category.EXTERNAL) {
                throw away;
            }
            return seen(config, source).orElseThrow(() -> away);
        }
    }

    /** What a source that is in reach lacks for capture, each with the statement that an administrator has to run. */
    public static List<String> lacks(Database database, SourceDefinition source) {
        SourceServer server = server(database);
        try (Connection connection = server.connect()) {
            return CapturedTables.lacks(connection, source);
        } catch (SQLException failed) {
            throw SourceFailures.describe(server, "ask what source " + source.name() + " lacks", failed);
        }
    }

    private static SourceServer server(Database database) {
        return new SourceServer(
                database.url(), database.user(), database.password().reveal());
    }

    /** Asks the server, and keeps what it said for when it is away. */
    public static Collection<RelationSchema> read(Path data, Database database, SourceDefinition source) {
        SourceServer server = server(database);
        Collection<RelationSchema> relations;
        try (Connection connection = server.connect()) {
            relations = CapturedTables.read(connection, source).values();
        } catch (SQLException failed) {
            throw SourceFailures.describe(server, "read the tables of source " + source.name(), failed);
        }
        SeenTables.remember(data, source.name(), relations);
        return relations;
    }

    private static Optional<SourceTables> seen(HubConfig config, SourceDefinition source) {
        return SeenTables.recall(config.data(), source.name())
                .map(seen -> new SourceTables(
                        seen.relations(),
                        "the source is unreachable: its tables are those that were seen at " + seen.at()));
    }
}
