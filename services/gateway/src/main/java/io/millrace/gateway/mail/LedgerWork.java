package io.millrace.gateway.mail;

import io.millrace.gateway.http.Problem;
import io.millrace.notifications.ledger.Ledger;
import java.io.IOException;
import org.jdbi.v3.core.JdbiException;

/** What the ledger does for who asks; it may be away, or not made. */
final class LedgerWork {
    private LedgerWork() {}

    /** Something that the ledger does. */
    interface Work<T> {
        T with(Ledger ledger) throws IOException;
    }

    /** @throws Problem if the ledger cannot be reached */
    static <T> T with(Ledger ledger, Work<T> work) throws IOException {
        try {
            return work.with(ledger);
        } catch (JdbiException away) {
            throw new Problem(
                    Problem.Kind.UNAVAILABLE,
                    "the ledger of mails cannot be reached, or no hub made it",
                    "start a hub with role notifications; 'millrace doctor' says what is wrong");
        }
    }
}
