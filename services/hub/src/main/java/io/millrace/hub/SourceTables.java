package io.millrace.hub;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.hub.config.HubConfig;
import io.millrace.schemas.failure.Category;
import io.millrace.schemas.failure.MillraceException;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import io.millrace.source.server.CapturedTables;
import io.millrace.source.server.SourceFailures;
import io.millrace.source.server.SourceServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/** The source's tables as they are now: of the configured server, or of the one that was started in the data directory. */
final class SourceTables {
    private SourceTables() {}

    static Collection<RelationSchema> read(HubConfig config, SourceDefinition source) {
        SourceServer server = server(config);
        try (Connection connection = server.connect()) {
            return CapturedTables.read(connection, source).values();
        } catch (SQLException failed) {
            throw SourceFailures.describe(server, "read the tables of source " + source.name(), failed);
        }
    }

    private static SourceServer server(HubConfig config) {
        if (!config.source().url().equals(HubConfig.EMBEDDED)) {
            return new SourceServer(
                    config.source().url(),
                    config.source().user(),
                    config.source().password().reveal());
        }
        Object url = EmbeddedStack.lastEndpoints(config.data()).get("source.url");
        if (url == null) {
            throw new MillraceException(
                    Category.USER,
                    "the tables to check against are unknown: no source is configured, and none was started in "
                            + config.data(),
                    "name source.url in the configuration file, or start './millrace demo' beside this");
        }
        return new SourceServer(url.toString(), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
    }
}
