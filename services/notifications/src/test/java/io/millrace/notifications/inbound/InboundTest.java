package io.millrace.notifications.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.notifications.TestLedgers;
import io.millrace.notifications.ledger.Deliveries;
import io.millrace.notifications.ledger.Delivery;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.ledger.Ledger.Claim;
import io.millrace.notifications.ledger.Ledger.Next;
import io.millrace.notifications.ledger.News.Addressee;
import io.millrace.notifications.ledger.Suppressions.Suppression;
import io.millrace.notifications.route.Importance;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What recipients and providers send has its effect in the ledger, on a real Postgres. */
@SuppressWarnings("NullAway.Init")
class InboundTest {
    private static final String URL = "https://millrace.example.test";

    private static Ledger ledger;
    private static Unsubscribe links;
    private static Inbound inbound;
    private static final Signer SENDGRID = Signer.sendGrid();

    @BeforeAll
    static void start() {
        ledger = TestLedgers.open(TestLedgers.create());
        links = new Unsubscribe(URL, ledger.secret("unsubscribe"));
        inbound = new Inbound(ledger, links, List.of(SENDGRID.webhook()));
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    @Test
    void link_endsMailsOfItsRoute_onlyWhenItIsPosted() {
        Delivery mail = add("ann@example.test", Importance.NORMAL);
        String token = mail.unsubscribe().substring((URL + Unsubscribe.PATH).length());
        Addressee ann = new Addressee("ann@example.test", "route");
        assertThat(mail.mail("from@example.test").unsubscribe()).isEqualTo(mail.unsubscribe());
        assertThat(inbound.asked(token)).contains(ann);
        assertThat(suppressed("ann@example.test")).isEmpty();
        assertThat(inbound.unsubscribe(token)).contains(ann);
        assertThat(inbound.unsubscribe(token)).contains(ann);
        assertThat(suppressed("ann@example.test"))
                .containsExactly(
                        new Suppression("ann@example.test", "route", "unsubscribed", "ann@example.test", null));
        // The secret is the ledger's: a hub started later knows the link.
        assertThat(new Unsubscribe(URL, ledger.secret("unsubscribe")).delivery(token))
                .contains(mail.id());
    }

    @Test
    void link_thatIsAltered_orAnothersLedgers_isNotKnown() {
        String link = add("bob@example.test", Importance.NORMAL).unsubscribe();
        String token = link.substring((URL + Unsubscribe.PATH).length());
        char other = token.charAt(0) == 'A' ? 'B' : 'A';
        for (String wrong : List.of("", "%", "AAAA", other + token.substring(1), token.substring(4), token + "AAAA")) {
            assertThat(inbound.unsubscribe(wrong)).as(wrong).isEmpty();
        }
        assertThat(new Unsubscribe(URL, new byte[] {1}).delivery(token)).isEmpty();
        assertThat(suppressed("bob@example.test")).isEmpty();
    }

    @Test
    void criticalMail_hasNoLink_norAnyWithoutAnAddress() {
        String id = Delivery.id("event", "ann@example.test", "alert");
        assertThat(links.link(id, Importance.CRITICAL)).isEmpty();
        assertThat(new Unsubscribe("", new byte[] {1}).link(id, Importance.NORMAL))
                .isEmpty();
    }

    @Test
    void mailOfUnknownFate_thatTheProviderKnows_isAccepted_once() {
        Delivery mail = attempted("carl@example.test", new Next.Unknown(Instant.now()));
        post(mail, "e1", "delivered", "");
        assertThat(row("carl@example.test").state()).isEqualTo("accepted");
        post(mail, "e2", "bounce", "bounce");
        assertThat(row("carl@example.test").state()).isEqualTo("failed");
        // Repeated, in any order: no effect.
        post(mail, "e1", "delivered", "");
        assertThat(row("carl@example.test").state()).isEqualTo("failed");
        assertThat(row("carl@example.test").detail()).isEqualTo("sendgrid: bounce");
    }

    @Test
    void bounceAndComplaint_suppress_aBlockDoesNot() {
        for (String event : List.of("bounce", "blocked", "spamreport")) {
            String to = event + "@example.test";
            Delivery mail = attempted(to, new Next.Done("sg1"));
            post(mail, event, event.equals("blocked") ? "bounce" : event, event);
            assertThat(row(to).state()).isEqualTo(event.equals("spamreport") ? "accepted" : "failed");
            assertThat(suppressed(to)).hasSize(event.equals("blocked") ? 0 : 1);
        }
    }

    @Test
    void mailThatAnotherProviderTook_isNotFailed_byTheFirstOnesNews() {
        Delivery mail = attempted("dora@example.test", new Next.Again(Instant.now(), null, List.of(), true, true));
        claim("smtp").forEach(claim -> ledger.settle(claim, "accepted", "", new Next.Done(null)));
        post(mail, "dropped", "dropped", "");
        assertThat(row("dora@example.test").state()).isEqualTo("accepted");
        assertThat(row("dora@example.test").provider()).isEqualTo("smtp");
    }

    @Test
    void mailThatWaitsForItsNextTry_isNotSentAgain_onceItIsKnownToHaveArrived() {
        Delivery mail = attempted(
                "emil@example.test", new Next.Again(Instant.now().plusSeconds(60), "sendgrid", List.of(), true, false));
        post(mail, "emil", "delivered", "");
        assertThat(row("emil@example.test").state()).isEqualTo("accepted");
    }

    @Test
    void newsOfOthersMails_areNoError() {
        byte[] body = "[{\"event\":\"bounce\",\"sg_event_id\":\"z\"},{\"event\":\"bounce\",\"delivery\":\"d\"}]"
                .getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = SENDGRID.headers("", Instant.now(), body);
        inbound.webhook("sendgrid", name -> Optional.ofNullable(headers.get(name)), body);
        assertThatThrownBy(() -> inbound.webhook("resend", name -> Optional.empty(), body))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(inbound.listensTo("sendgrid")).isTrue();
        assertThat(inbound.listensTo("resend")).isFalse();
    }

    private static void post(Delivery mail, String id, String event, String type) {
        byte[] body = ("[{\"event\":\"" + event + "\",\"type\":\"" + type + "\",\"sg_event_id\":\"" + id
                        + "\",\"delivery\":\"" + mail.id() + "\"}]")
                .getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = SENDGRID.headers("", Instant.now(), body);
        inbound.webhook("sendgrid", name -> Optional.ofNullable(headers.get(name)), body);
    }

    /** A mail that SendGrid was given, with what came of it. */
    private static Delivery attempted(String to, Next next) {
        Delivery mail = add(to, Importance.NORMAL);
        claim("sendgrid").stream()
                .filter(claim -> claim.delivery().id().equals(mail.id()))
                .forEach(claim -> ledger.settle(claim, "tried", "", next));
        return mail;
    }

    private static List<Claim> claim(String provider) {
        return ledger.claim(100, Duration.ofSeconds(60), delivery -> Optional.of(provider));
    }

    private static Deliveries.Row row(String to) {
        return ledger.deliveries().list(null, to, 1).getFirst();
    }

    private static List<Suppression> suppressed(String recipient) {
        return ledger.suppressions().inForce().stream()
                .filter(suppression -> suppression.recipient().equals(recipient))
                .toList();
    }

    private static Delivery add(String to, Importance importance) {
        String event = UUID.randomUUID().toString();
        String id = Delivery.id(event, to, "alert");
        Delivery mail = TestLedgers.delivery(event, to, importance, links.link(id, importance));
        ledger.add(mail, Instant.now());
        return mail;
    }
}
