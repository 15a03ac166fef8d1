package io.millrace.operations;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.SQLException;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * The analytics database, as people read it.
 *
 * @param jdbi of one connection at a time, or of a pool
 * @param where it is and who connects, for messages
 */
public record AnalyticsDatabase(Jdbi jdbi, String where) {
    /**
     * Reads something in one connection.
     *
     * @param what is read, for messages, e.g. "the alerts"
     * @throws MillraceException if the database is unreachable, or the hub made no such tables in it
     */
    public <T> T read(String what, HandleCallback<T, SQLException> reader) {
        try {
            return jdbi.withHandle(reader);
        } catch (JdbiException | SQLException failed) {
            Throwable reason =
                    failed instanceof JdbiException && failed.getCause() instanceof SQLException cause ? cause : failed;
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot read " + what + " at " + where + ": " + reason.getMessage(),
                    "is the database running, and did a hub with role sink ever run on it?",
                    failed);
        }
    }
}
