package io.millrace.hub.mail;

import io.millrace.hub.config.HubConfig;
import io.millrace.notifications.ledger.Ledger;

/** The ledger of mails, for commands beside a running hub. */
final class LedgerAccess {
    private LedgerAccess() {}

    /** Opens the ledger that a hub made. */
    static Ledger open(HubConfig config) {
        Ledger ledger = new Ledger(
                config.analytics().url(),
                config.analytics().user(),
                config.analytics().password().reveal(),
                "command line");
        try {
            ledger.requirePrepared();
            return ledger;
        } catch (RuntimeException failed) {
            ledger.close();
            throw failed;
        }
    }
}
