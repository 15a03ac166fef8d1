package io.millrace.hub.mail;

import io.millrace.hub.config.HubConfig;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.schemas.failure.Category;
import io.millrace.schemas.failure.MillraceException;
import java.sql.SQLException;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** The ledger of mails, for commands beside a running hub. */
final class LedgerAccess {
    private LedgerAccess() {}

    /** Opens it, and makes what is missing, in case no hub did yet. */
    static Ledger open(HubConfig config) {
        Ledger ledger = new Ledger(
                config.analytics().url(),
                config.analytics().user(),
                config.analytics().password(),
                "command line");
        try {
            ledger.prepare();
            return ledger;
        } catch (JdbiException away) {
            ledger.close();
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot reach the ledger of mails at " + config.analytics().url() + ": " + why(away),
                    "start the hub or './millrace demo', or correct 'analytics' in the configuration file");
        } catch (RuntimeException failed) {
            ledger.close();
            throw failed;
        }
    }

    private static String why(Throwable failure) {
        Throwable last = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            last = cause instanceof SQLException ? cause : last;
        }
        return String.valueOf(last.getMessage());
    }

    /** Who decides. */
    static String person(@Nullable String by) {
        return by == null ? System.getProperty("user.name", "unknown") : by;
    }
}
