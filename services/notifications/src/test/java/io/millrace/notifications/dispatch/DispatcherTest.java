package io.millrace.notifications.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.notifications.TestLedgers;
import io.millrace.notifications.ledger.Deliveries;
import io.millrace.notifications.ledger.Delivery;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.ledger.Suppressions;
import io.millrace.notifications.provider.Mail;
import io.millrace.notifications.provider.MailProvider;
import io.millrace.notifications.provider.Outcome;
import io.millrace.notifications.provider.Outcome.Action;
import io.millrace.notifications.route.Importance;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ledger on a real Postgres, with providers that answer as told. */
@SuppressWarnings("NullAway.Init")
class DispatcherTest {
    private static final Policy POLICY =
            new Policy(4, Duration.ofMillis(20), Duration.ofMillis(200), Duration.ofMillis(300));
    private static final Providers.Guard GUARD =
            new Providers.Guard(Duration.ofMillis(300), Duration.ofMillis(300), 1_000);

    private String url;
    private Ledger ledger;

    /** A provider that notes what it took. */
    private record Told(String name, boolean idempotent, List<Mail> mails, Function<Mail, Outcome> answer)
            implements MailProvider {
        static Told of(String name, Function<Mail, Outcome> answer) {
            return new Told(name, false, Collections.synchronizedList(new ArrayList<>()), answer);
        }

        @Override
        public Outcome send(Mail mail) {
            mails.add(mail);
            return answer.apply(mail);
        }
    }

    @BeforeEach
    void makeLedger() {
        url = TestLedgers.create();
        ledger = TestLedgers.open(url);
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void mail_isSentOnce_howeverOftenItsEventIsTold() throws Exception {
        Told smtp = Told.of("smtp", mail -> new Outcome.Accepted("id"));
        for (int i = 0; i < 3; i++) {
            ledger.add(delivery("e1", "a@example.test", Importance.NORMAL), Instant.now());
        }
        try (Dispatcher dispatcher = start(smtp)) {
            await().until(() -> state("accepted") == 1);
            ledger.add(delivery("e1", "a@example.test", Importance.NORMAL), Instant.now());
            ledger.add(delivery("e2", "a@example.test", Importance.NORMAL), Instant.now());
            await().until(() -> state("accepted") == 2);
            assertThat(dispatcher.detail()).isEqualTo("smtp available");
        }
        assertThat(smtp.mails).hasSize(2);
    }

    @Test
    void outage_losesNoMail_isSwitchedAround_andTheFirstProviderComesBack() throws Exception {
        boolean[] down = {true};
        Told first = Told.of(
                "first",
                mail -> down[0] ? new Outcome.Refused(Action.FAIL_OVER, "no connection") : new Outcome.Accepted(null));
        Told second = Told.of("second", mail -> new Outcome.Accepted(null));
        try (Dispatcher dispatcher = start(first, second)) {
            for (int i = 0; i < 100; i++) {
                ledger.add(delivery("e" + i, "a@example.test", Importance.NORMAL), Instant.now());
            }
            await().until(() -> state("accepted") == 100);
            assertThat(second.mails).hasSize(100);
            // The breaker kept most of them from asking the first in vain.
            assertThat(first.mails.size()).isLessThan(50);
            assertThat(query("SELECT \"from\" || ' ' || \"to\" || ' ' || reason FROM notifications.provider_switch"))
                    .contains("first second no connection");
            down[0] = false;
            int before = first.mails.size();
            await().until(() -> {
                ledger.add(delivery("later" + Instant.now(), "a@example.test", Importance.NORMAL), Instant.now());
                return first.mails.size() > before + 5;
            });
            await().until(() -> query("SELECT \"to\" FROM notifications.provider_switch ORDER BY at DESC LIMIT 1")
                    .equals(List.of("first")));
            assertThat(dispatcher.detail()).contains("second available");
        }
    }

    @Test
    void everyProviderDown_waitsWithoutCountingAgainstTheMail() throws Exception {
        boolean[] down = {true};
        Function<Mail, Outcome> answer =
                mail -> down[0] ? new Outcome.Refused(Action.FAIL_OVER, "no connection") : new Outcome.Accepted(null);
        Told first = Told.of("first", answer);
        Told second = Told.of("second", answer);
        ledger.add(delivery("e1", "a@example.test", Importance.NORMAL), Instant.now());
        try (Dispatcher dispatcher = start(first, second)) {
            await().until(() -> first.mails.size() + second.mails.size() > 2 * POLICY.refusals());
            down[0] = false;
            await().until(() -> state("accepted") == 1);
            assertThat(dispatcher.detail()).isNotEmpty();
        }
    }

    @Test
    void badRecipient_isSuppressed_andOpensNoBreaker_whileOthersAreSent() throws Exception {
        Told smtp = Told.of(
                "smtp",
                mail -> mail.to().startsWith("bad")
                        ? new Outcome.Refused(Action.PERMANENT_AND_SUPPRESS, "550 5.1.1 no such user")
                        : new Outcome.Accepted(null));
        try (Dispatcher dispatcher = start(smtp)) {
            for (int i = 0; i < 20; i++) {
                ledger.add(delivery("b" + i, "bad" + i + "@example.test", Importance.NORMAL), Instant.now());
            }
            await().until(() -> state("failed") == 20);
            ledger.add(delivery("e1", "good@example.test", Importance.NORMAL), Instant.now());
            ledger.add(delivery("e2", "BAD7@example.test", Importance.CRITICAL), Instant.now());
            await().until(() -> state("accepted") == 1 && state("suppressed") == 1);
            assertThat(dispatcher.detail()).isEqualTo("smtp available");
        }
        assertThat(query("SELECT detail FROM notifications.delivery WHERE state = 'suppressed'"))
                .containsExactly("smtp: 550 5.1.1 no such user");
    }

    /** The dispatcher looks all the time: some of these come between its two looks at the list. */
    @Test
    void suppressedRecipient_getsNothing_whenEverItsMailComes() throws Exception {
        Told smtp = Told.of("smtp", mail -> new Outcome.Accepted(null));
        Suppressions list = ledger.suppressions();
        list.add(new Suppressions.Suppression("Gone@example.test", "", "left the company", "hr", null));
        try (Dispatcher dispatcher = start(smtp)) {
            for (int i = 0; i < 400; i++) {
                ledger.add(delivery("e" + i, "gone@example.test", Importance.CRITICAL), Instant.now());
            }
            await().until(() -> state("suppressed") == 400);
            assertThat(dispatcher.detail()).isNotEmpty();
        }
        assertThat(smtp.mails).isEmpty();
    }

    @Test
    void suppression_endsWithItsTime_orWhenReleased_andIsKept() throws Exception {
        Told smtp = Told.of("smtp", mail -> new Outcome.Accepted(null));
        Suppressions list = ledger.suppressions();
        list.add(new Suppressions.Suppression("a@example.test", "", "holidays", "hr", Instant.now()));
        list.add(new Suppressions.Suppression("b@example.test", "route", "asked for it", "hr", null));
        list.add(new Suppressions.Suppression("c@example.test", "another", "asked for it", "hr", null));
        try (Dispatcher dispatcher = start(smtp)) {
            for (String to : List.of("a@example.test", "b@example.test", "c@example.test")) {
                ledger.add(delivery("first", to, Importance.NORMAL), Instant.now());
            }
            await().until(() -> state("accepted") == 2 && state("suppressed") == 1);
            assertThat(list.release("B@example.test", null, "hr", "wants it again"))
                    .isEqualTo(1);
            ledger.add(delivery("second", "b@example.test", Importance.NORMAL), Instant.now());
            await().until(() -> state("accepted") == 3);
            // It may be suppressed again; the first time stays on record.
            list.add(new Suppressions.Suppression("a@example.test", "", "holidays again", "hr", null));
            assertThat(dispatcher.detail()).isNotEmpty();
        }
        assertThat(list.inForce())
                .extracting(Suppressions.Suppression::reason)
                .containsExactly("asked for it", "holidays again");
        assertThat(query("SELECT recipient || ': ' || release_reason FROM notifications.suppression"
                        + " WHERE released_at IS NOT NULL ORDER BY 1"))
                .containsExactly("a@example.test: its time was over", "b@example.test: wants it again");
    }

    @Test
    void mailOfUnknownFate_isSettledByAPerson() throws Exception {
        boolean[] lost = {true};
        Told smtp =
                Told.of("smtp", mail -> lost[0] ? new Outcome.Unknown("connection lost") : new Outcome.Accepted(null));
        for (String event : List.of("e1", "e2", "e3")) {
            ledger.add(delivery(event, "a@example.test", Importance.NORMAL), Instant.now());
        }
        try (Dispatcher dispatcher = start(smtp)) {
            await().until(() -> state("unknown") == 3);
            lost[0] = false;
            Deliveries deliveries = ledger.deliveries();
            assertThat(deliveries.list("unknown", "A@example.test", 10)).hasSize(3);
            assertThat(deliveries.settle(id("e1").substring(0, 12), Deliveries.Fate.SENT, "ann"))
                    .extracting(Deliveries.Row::state, Deliveries.Row::detail)
                    .containsExactly("accepted", "ann says: sent");
            assertThat(deliveries.settle(id("e2"), Deliveries.Fate.DROP, "ann").state())
                    .isEqualTo("failed");
            deliveries.settle(id("e3"), Deliveries.Fate.AGAIN, "ann");
            await().until(() -> state("accepted") == 2);
            assertThatThrownBy(() -> deliveries.settle(id("e3"), Deliveries.Fate.AGAIN, "ann"))
                    .hasMessageContaining("is accepted: nothing to settle");
            assertThatThrownBy(() -> deliveries.settle("nothing", Deliveries.Fate.AGAIN, "ann"))
                    .hasMessageContaining("there is no mail nothing");
            assertThat(dispatcher.detail()).isNotEmpty();
        }
        assertThat(smtp.mails.getLast().maybeAgain()).isTrue();
        assertThat(smtp.mails.getLast().id()).isEqualTo(id("e3"));
    }

    @Test
    void passingRefusal_isTriedAgainAtTheSameProvider_untilTheBudgetIsSpent() throws Exception {
        Told smtp = Told.of("smtp", mail -> new Outcome.Refused(Action.RETRY, "450 busy"));
        Told other = Told.of("other", mail -> new Outcome.Accepted(null));
        ledger.add(delivery("e1", "a@example.test", Importance.NORMAL), Instant.now());
        try (Dispatcher dispatcher = start(smtp, other)) {
            await().until(() -> state("failed") == 1);
            assertThat(dispatcher.detail()).isEqualTo("smtp available, other available");
        }
        assertThat(smtp.mails).hasSize(POLICY.refusals());
        assertThat(other.mails).isEmpty();
    }

    @Test
    void claimThatTheDatabaseDoesNotTake_leavesTheProviderFreeForTheNext() throws Exception {
        for (int i = 0; i < 8; i++) {
            ledger.add(delivery("e" + i, "a@example.test", Importance.NORMAL), Instant.now());
        }
        TestLedgers.execute(
                url,
                "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'; END $$;"
                        + " CREATE TRIGGER fail BEFORE INSERT ON notifications.attempt FOR EACH ROW WHEN (NEW.delivery = '"
                        + id("e7") + "') EXECUTE FUNCTION fail()");
        Told smtp = Told.of("smtp", mail -> new Outcome.Accepted(null));
        try (Dispatcher dispatcher = start(smtp)) {
            await().until(() -> dispatcher.detail().contains("the disk is full"));
            TestLedgers.execute(url, "DROP TRIGGER fail ON notifications.attempt");
            await().until(() -> state("accepted") == 8);
        }
    }

    @Test
    void killedBeforeTheAttempt_isSent_killedInIt_isUnknown() throws Exception {
        ledger.add(delivery("pending", "a@example.test", Importance.NORMAL), Instant.now());
        ledger.add(delivery("normal", "a@example.test", Importance.NORMAL), Instant.now());
        ledger.add(delivery("critical", "a@example.test", Importance.CRITICAL), Instant.now());
        // The process dies after it wrote down that it tries, and before it wrote down how that ended.
        ledger.claim(
                10,
                Duration.ofSeconds(1),
                delivery -> delivery.event().equals("pending") ? Optional.empty() : Optional.of("first"));
        Ledger killed = ledger;
        ledger = TestLedgers.open(url);
        assertThat(ledger.abandoned()).as("while its process may be at work").isEmpty();
        killed.close();

        Told first = Told.of("first", mail -> new Outcome.Accepted(null));
        Told second = Told.of("second", mail -> new Outcome.Accepted(null));
        try (Dispatcher dispatcher = start(first, second)) {
            await().until(() -> state("accepted") == 2);
            assertThat(dispatcher.detail()).isNotEmpty();
        }
        assertThat(query("SELECT event || ': ' || detail FROM notifications.delivery WHERE state = 'unknown'"))
                .containsExactly("normal: first: its hub ended while first had it");
        assertThat(first.mails).extracting(Mail::maybeAgain).containsExactly(false);
        // By another provider, and it says that it may come twice.
        assertThat(second.mails).extracting(Mail::maybeAgain).containsExactly(true);
        assertThat(second.mails).extracting(Mail::id).containsExactly(id("critical"));
    }

    @Test
    void processThatWasHeldUpAndTakenForDead_stillTellsThatTheMailWasAccepted() throws Exception {
        ledger.add(delivery("e1", "a@example.test", Importance.NORMAL), Instant.now());
        Ledger.Claim claim = ledger.claim(1, Duration.ofSeconds(1), delivery -> Optional.of("smtp"))
                .getFirst();
        TestLedgers.execute(url, "UPDATE notifications.worker SET alive_until = now()");
        try (Ledger other = TestLedgers.open(url);
                Dispatcher dispatcher = new Dispatcher(
                        other,
                        new Providers(List.of(Told.of("smtp", mail -> new Outcome.Accepted(null))), GUARD),
                        "from@example.test",
                        POLICY,
                        () -> {})) {
            dispatcher.start();
            await().until(() -> state("unknown") == 1);
        }
        ledger.settle(claim, "accepted", "", new Ledger.Next.Done("id"));
        assertThat(state("accepted")).isEqualTo(1);
    }

    @Test
    void mailsOfBeforeAStandstillOfDays_areSent_andSayThatTheyAreLate_onceAndForAll() throws Exception {
        ledger.add(delivery("e1", "a@example.test", Importance.NORMAL), Instant.now());
        ledger.add(delivery("e2", "a@example.test", Importance.NORMAL), Instant.now());
        TestLedgers.execute(
                url,
                "UPDATE notifications.delivery SET alert = gen_random_uuid(), committed_at = '2026-11-01 12:00Z', expires_at = '2026-11-02 12:00Z',"
                        + " not_before = '2026-11-01 12:00Z' WHERE event = 'e1'");
        List<Mail> mails = Collections.synchronizedList(new ArrayList<>());
        Told resend = new Told(
                "resend",
                true,
                mails,
                mail -> mails.size() < 4 ? new Outcome.Unknown("reset") : new Outcome.Accepted("re"));
        try (Dispatcher dispatcher = start(resend)) {
            await().until(() -> state("accepted") == 2);
            assertThat(dispatcher.detail()).isNotEmpty();
        }
        assertThat(mails.stream().filter(mail -> mail.id().equals(id("e1"))))
                .isNotEmpty()
                .allSatisfy(mail -> {
                    assertThat(mail.subject()).startsWith("[late] ").doesNotContain("[late] [late]");
                    assertThat(mail.text())
                            .startsWith("This mail is late: what it tells of was committed at 2026-11-01T12:00:00Z.");
                    assertThat(mail.html()).contains("<p><b>This mail is late");
                });
        assertThat(mails.stream().filter(mail -> mail.id().equals(id("e2"))))
                .isNotEmpty()
                .allSatisfy(mail -> assertThat(mail.subject() + mail.text()).doesNotContain("late"));
    }

    @Test
    void unknownFate_isAskedAgain_whereTheProviderKnowsTheMail() throws Exception {
        List<Mail> mails = Collections.synchronizedList(new ArrayList<>());
        Told resend = new Told(
                "resend",
                true,
                mails,
                mail -> mails.size() < 3 ? new Outcome.Unknown("reset") : new Outcome.Accepted("re"));
        ledger.add(delivery("e1", "a@example.test", Importance.NORMAL), Instant.now());
        try (Dispatcher dispatcher = start(resend)) {
            await().until(() -> state("accepted") == 1);
            assertThat(dispatcher.detail()).isNotEmpty();
        }
        assertThat(mails).extracting(Mail::id).containsOnly(id("e1")).hasSize(3);
        assertThat(query("SELECT string_agg(outcome, ',' ORDER BY number) FROM notifications.attempt"))
                .containsExactly("unknown,unknown,accepted");
    }

    @Test
    void unknownFate_thatTheProviderDoesNotTellInTime_goesToAnotherOnlyIfCritical() throws Exception {
        Told resend = new Told(
                "resend", true, Collections.synchronizedList(new ArrayList<>()), mail -> new Outcome.Unknown("reset"));
        Told other = Told.of("other", mail -> new Outcome.Accepted(null));
        Policy patient = new Policy(4, Duration.ofHours(1), Duration.ofHours(1), Duration.ofMillis(300));
        ledger.add(delivery("normal", "a@example.test", Importance.NORMAL), Instant.now());
        ledger.add(delivery("critical", "a@example.test", Importance.CRITICAL), Instant.now());
        try (Dispatcher dispatcher = new Dispatcher(
                ledger, new Providers(List.of(resend, other), GUARD), "from@example.test", patient, () -> {})) {
            dispatcher.start();
            await().until(() -> state("unknown") == 1 && state("accepted") == 1);
        }
        assertThat(resend.mails).hasSize(2);
        assertThat(other.mails).extracting(Mail::id).containsExactly(id("critical"));
        assertThat(other.mails).extracting(Mail::maybeAgain).containsExactly(true);
    }

    private Dispatcher start(MailProvider... providers) {
        Dispatcher dispatcher =
                new Dispatcher(ledger, new Providers(List.of(providers), GUARD), "from@example.test", POLICY, () -> {});
        dispatcher.start();
        return dispatcher;
    }

    private static String id(String event) {
        return Delivery.id(event, "a@example.test", "alert");
    }

    private static Delivery delivery(String event, String recipient, Importance importance) {
        return TestLedgers.delivery(event, recipient, importance);
    }

    private int state(String state) throws SQLException {
        return query("SELECT id FROM notifications.delivery WHERE state = '" + state + "'")
                .size();
    }

    private List<String> query(String sql) throws SQLException {
        return TestLedgers.query(url, sql);
    }
}
