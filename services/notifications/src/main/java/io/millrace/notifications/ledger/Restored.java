package io.millrace.notifications.ledger;

import io.millrace.schemas.avro.MailDelivery;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Mails that a restored ledger does not know: what became of them is known from their topic, but not their text. */
final class Restored {
    /** Nobody does anything about them by himself. */
    private static final Set<String> SETTLED = Set.of("accepted", "failed", "suppressed", "digested", "unknown");

    /** In place of the subject. */
    static final String SUBJECT = "(its text was lost with the ledger)";

    private Restored() {}

    static int learn(Jdbi jdbi, List<MailDelivery> published) {
        return jdbi.inTransaction(handle -> {
            PreparedBatch batch = handle.prepareBatch(
                    "INSERT INTO notifications.delivery AS d (id, event, alert, route, recipient, template,"
                            + " importance, state, not_before, expires_at, subject, html, body, committed_at, attempts, provider, maybe_again,"
                            + " detail, changed_at, version, published) VALUES (:id, :event, :alert::uuid, :route, :recipient, :template,"
                            + " :importance, :state, 'infinity', :at, :subject, '', '', :at, :attempts, :provider, :maybeAgain,"
                            + " :detail, :at, :version, :version) ON CONFLICT (id) DO UPDATE SET state = excluded.state,"
                            + " attempts = excluded.attempts, provider = excluded.provider, maybe_again = excluded.maybe_again,"
                            + " detail = excluded.detail, changed_at = excluded.changed_at, version = excluded.version,"
                            + " published = excluded.published WHERE d.version < excluded.version");
            for (MailDelivery mail : published) {
                if (SETTLED.contains(mail.getState())) {
                    batch.bind("id", mail.getId())
                            .bind("event", mail.getEvent())
                            .bind("alert", mail.getAlert())
                            .bind("route", mail.getRoute())
                            .bind("recipient", mail.getRecipient())
                            .bind("template", mail.getTemplate())
                            .bind("importance", mail.getImportance())
                            .bind("state", mail.getState())
                            .bind("at", mail.getAt().atOffset(ZoneOffset.UTC))
                            .bind("subject", SUBJECT)
                            .bind("attempts", mail.getAttempts())
                            .bind("provider", mail.getProvider())
                            .bind("maybeAgain", mail.getMaybeAgain())
                            .bind("detail", mail.getDetail())
                            .bind("version", mail.getVersion())
                            .add();
                }
            }
            int learnt = 0;
            for (int rows : batch.size() == 0 ? new int[0] : batch.execute()) {
                learnt += rows;
            }
            return learnt;
        });
    }
}
