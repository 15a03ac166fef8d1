package io.millrace.source.server;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Failures of the source's server, and what fixes them. */
public final class SourceFailures {
    private SourceFailures() {}

    /** Whether somebody else holds a lock for so long that it was not waited for. */
    public static boolean locked(SQLException failure) {
        return "55P03".equals(failure.getSQLState());
    }

    private static @Nullable String sqlState(@Nullable Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return null;
    }

    /** @param doing what was tried, e.g. "read the tables of the source" */
    public static MillraceException describe(SourceServer server, String doing, Throwable failure) {
        String state = String.valueOf(sqlState(failure));
        String message = "cannot " + doing + " at " + server + ": " + reason(failure);
        if (state.startsWith("08")) {
            return new MillraceException(
                    Category.EXTERNAL,
                    message,
                    "start the server, or correct source.url in the configuration",
                    failure);
        }
        if (state.startsWith("28")) {
            return new MillraceException(
                    Category.USER, message, "correct source.user and source.password in the configuration", failure);
        }
        if (state.equals("42501")) {
            return new MillraceException(
                    Category.USER,
                    message,
                    "run 'millrace check': it prints what role " + server.user()
                            + " lacks, with the statements that an administrator of the source has to run",
                    failure);
        }
        if (state.equals("55000") && message.contains("wal_level")) {
            return new MillraceException(
                    Category.USER,
                    message,
                    "ALTER SYSTEM SET wal_level = 'logical'; then restart the source's server",
                    failure);
        }
        return new MillraceException(Category.EXTERNAL, message, "see the log of the source's server", failure);
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            root = cause;
            if (cause instanceof SQLException) {
                break;
            }
        }
        return String.valueOf(root.getMessage());
    }
}
