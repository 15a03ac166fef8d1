package io.millrace.gateway.mail;

import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Parameter;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Schema;
import io.millrace.notifications.ledger.Deliveries;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.ledger.Suppressions;
import io.millrace.operations.Until;
import io.millrace.operations.access.Permission;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerResponse;
import tools.jackson.databind.JsonNode;

/** {@code /mail}: what became of mails, who is not mailed to, and what people decide about both. */
public final class MailEndpoints {
    private static final int LONGEST = 1_000;
    private static final List<String> FATES = List.of("sent", "again", "drop");

    /** Of a mail. */
    enum State {
        ALL,
        PENDING,
        ATTEMPTING,
        ACCEPTED,
        FAILED,
        SUPPRESSED,
        UNKNOWN,
        GATHERING,
        DIGESTED
    }

    private static final Parameter<State> STATE = Parameter.choice(
            "state",
            State.ALL,
            "Mails in this state. unknown: nobody knows whether it was sent; gathering: it waits for its digest.");
    private static final Parameter<String> TO = Parameter.text("to", "Mails to this address, in any case.");
    private static final Parameter<Integer> LIMIT = Parameter.number("limit", 1, 1_000, 100, "At most so many.");
    private static final Parameter<String> MAIL = Parameter.form(
                    "mail",
                    Pattern.compile("[0-9a-zA-Z-]{8,100}"),
                    "a mail's id",
                    "The mail's id, or as much of its begin as is unique.")
            .inPath();

    private static final Map<String, Object> DELIVERY = Schema.members(
            "id", Schema.text("The same event, recipient and template is the same mail."),
            "state", Schema.text("As in the parameter."),
            "provider", Schema.text("That tried it last; empty if none did."),
            "to", Schema.text("The recipient."),
            "subject", Schema.text("Its subject."),
            "detail", Schema.text("What the provider said, or why it is not sent."));
    private static final Map<String, Object> SUPPRESSION = Schema.members(
            "recipient", Schema.text("An address, in lower case."),
            "route", Schema.text("That it is kept from; empty for all."),
            "reason", Schema.text("Why."),
            "by", Schema.text("Who said so."),
            "until", Schema.nullable(Schema.time("When it ends; null: never.")));

    private final Ledger ledger;

    public MailEndpoints(Ledger ledger) {
        this.ledger = ledger;
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.get(
                        "/mail/deliveries",
                        "listDeliveries",
                        Permission.MAIL_READ,
                        "Mails",
                        "Mails and what became of them, the newest first.",
                        List.of(STATE, TO, LIMIT),
                        Map.of("application/json", Schema.list("deliveries", DELIVERY)),
                        List.of(),
                        this::deliveries),
                Endpoint.post(
                        "/mail/deliveries/{mail}/decisions",
                        "settleDelivery",
                        Permission.MAIL_DECIDE,
                        "Settle a mail",
                        "Of a mail whose outcome is unknown, or that failed.",
                        List.of(MAIL),
                        Schema.needing(
                                Schema.members(
                                        "decision",
                                        Schema.choice(
                                                "sent: it arrived; again: it is to be sent, although it may come twice; drop: it is not to be sent.",
                                                FATES)),
                                "decision"),
                        DELIVERY,
                        List.of(Problem.Kind.CONFLICT),
                        this::settle),
                Endpoint.get(
                        "/mail/suppressions",
                        "listSuppressions",
                        Permission.MAIL_READ,
                        "Who is not mailed to",
                        "Suppressions in force, the oldest first.",
                        List.of(),
                        Map.of("application/json", Schema.list("suppressions", SUPPRESSION)),
                        List.of(),
                        this::suppressions),
                Endpoint.post(
                        "/mail/suppressions",
                        "addSuppression",
                        Permission.MAIL_DECIDE,
                        "Mail somebody no more",
                        "One that is in force stays as it is. Answers with all that are in force.",
                        List.of(),
                        Schema.needing(
                                Schema.members(
                                        "recipient", Schema.text("An address."),
                                        "reason", Schema.text("Why."),
                                        "route", Schema.nullable(Schema.text("Only of this route.")),
                                        "until",
                                                Schema.nullable(
                                                        Schema.text(
                                                                "A date (2026-12-31), an instant (2026-12-31T18:00:00Z), or from now: 12h, 90d."))),
                                "recipient",
                                "reason"),
                        Schema.list("suppressions", SUPPRESSION),
                        List.of(),
                        this::suppress),
                Endpoint.post(
                        "/mail/suppression-releases",
                        "releaseSuppression",
                        Permission.MAIL_DECIDE,
                        "Mail somebody again",
                        "Mails that were suppressed are not sent after all. Answers with all that are in force.",
                        List.of(),
                        Schema.needing(
                                Schema.members(
                                        "recipient", Schema.text("An address."),
                                        "reason", Schema.text("Why."),
                                        "route",
                                                Schema.nullable(
                                                        Schema.text(
                                                                "Only this route's suppression; all of the address's, if it is not said."))),
                                "recipient",
                                "reason"),
                        Schema.list("suppressions", SUPPRESSION),
                        List.of(Problem.Kind.NOT_FOUND),
                        this::release));
    }

    private <T> T work(LedgerWork.Work<T> work) throws IOException {
        return LedgerWork.with(ledger, work);
    }

    private ServerResponse deliveries(Call call) throws IOException {
        State state = call.get(STATE);
        List<Deliveries.Row> found = work(open -> open.deliveries()
                .list(
                        state == State.ALL ? null : state.name().toLowerCase(Locale.ROOT),
                        call.optional(TO).orElse(null),
                        call.get(LIMIT)));
        return Answers.json(
                Map.of(
                        "deliveries",
                        found.stream().map(MailEndpoints::described).toList()),
                headers -> {});
    }

    private ServerResponse settle(Call call) throws IOException {
        String word = call.word(call.body(), "decision", FATES);
        try {
            Deliveries.Row settled = work(open -> open.deliveries()
                    .settle(call.get(MAIL), Deliveries.Fate.valueOf(word.toUpperCase(Locale.ROOT)), call.by()));
            return Answers.json(described(settled), headers -> {});
        } catch (MillraceException nothing) {
            if (nothing.category() != Category.USER) {
                throw nothing;
            }
            throw new Problem(
                    Problem.Kind.CONFLICT,
                    String.valueOf(nothing.getMessage()),
                    "GET /api/v1/mail/deliveries?state=unknown lists those that need somebody");
        }
    }

    private ServerResponse suppressions(Call call) throws IOException {
        return work(open -> inForce(open));
    }

    private ServerResponse suppress(Call call) throws IOException {
        JsonNode body = call.body();
        String recipient = call.needed(body, "recipient", LONGEST);
        String reason = call.needed(body, "reason", LONGEST);
        Optional<String> route = call.text(body, "route", LONGEST);
        Instant until;
        try {
            until = call.text(body, "until", LONGEST)
                    .map(text -> Until.parse(text, Instant.now()))
                    .orElse(null);
        } catch (MillraceException noTime) {
            throw new Problem(Problem.Kind.BAD_BODY, "'until' is " + noTime.getMessage(), noTime.remedy());
        }
        return work(open -> {
            open.suppressions()
                    .add(new Suppressions.Suppression(recipient, route.orElse(""), reason, call.by(), until));
            return inForce(open);
        });
    }

    private ServerResponse release(Call call) throws IOException {
        JsonNode body = call.body();
        String recipient = call.needed(body, "recipient", LONGEST);
        String reason = call.needed(body, "reason", LONGEST);
        Optional<String> route = call.text(body, "route", LONGEST);
        return work(open -> {
            if (open.suppressions().release(recipient, route.orElse(null), call.by(), reason) == 0) {
                throw new Problem(
                        Problem.Kind.NOT_FOUND,
                        recipient + " is not suppressed",
                        "GET /api/v1/mail/suppressions lists who is");
            }
            return inForce(open);
        });
    }

    private static ServerResponse inForce(Ledger open) {
        return Answers.json(
                Map.of(
                        "suppressions",
                        open.suppressions().inForce().stream()
                                .map(MailEndpoints::described)
                                .toList()),
                headers -> {});
    }

    static Map<String, @Nullable Object> described(Deliveries.Row row) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("id", row.id());
        described.put("state", row.state());
        described.put("provider", row.provider());
        described.put("to", row.to());
        described.put("subject", row.subject());
        described.put("detail", row.detail());
        return described;
    }

    private static Map<String, @Nullable Object> described(Suppressions.Suppression suppression) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("recipient", suppression.recipient());
        described.put("route", suppression.route());
        described.put("reason", suppression.reason());
        described.put("by", suppression.by());
        Instant until = suppression.until();
        described.put("until", until == null ? null : until.toString());
        return described;
    }
}
