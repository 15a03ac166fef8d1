package io.millrace.operations;

import io.millrace.operations.access.Tenants;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.SQLException;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The analytics database, as people read it.
 *
 * @param jdbi of one connection at a time, or of a pool
 * @param where it is and who connects, for messages
 * @param tenants whose rows are read, where the database limits that by its setting {@code millrace.tenants}; null where it does not
 */
public record AnalyticsDatabase(
        Jdbi jdbi, String where, @Nullable Tenants tenants) {
    /** What whoever connects may read. */
    public AnalyticsDatabase(Jdbi jdbi, String where) {
        this(jdbi, where, null);
    }

    /**
     * Reads something in one connection.
     *
     * @param what is read, for messages, e.g. "the alerts"
     * @throws MillraceException if the database is unreachable, or the hub made no such tables in it
     */
    public <T> T read(String what, HandleCallback<T, SQLException> reader) {
        try {
            Tenants whose = tenants;
            if (whose == null) {
                return jdbi.withHandle(reader);
            }
            return jdbi.inTransaction(handle -> {
                handle.createQuery("SELECT set_config('millrace.tenants', :tenants, true)")
                        .bind("tenants", whose.setting())
                        .mapTo(String.class)
                        .one();
                return reader.withHandle(handle);
            });
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
