package io.millrace.notifications.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.notifications.inbound.MailEvent.Kind;
import io.millrace.platform.failure.MillraceException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as SendGrid and Resend sign them. */
class WebhookTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
    private static final Signer SENDGRID = Signer.sendGrid();
    private static final Signer RESEND = Signer.resend();

    private static List<MailEvent> take(Signer signer, Map<String, String> headers, byte[] body) {
        return signer.webhook().events(name -> Optional.ofNullable(headers.get(name)), body, NOW);
    }

    private static MailEvent only(Signer signer, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        return take(signer, signer.headers("id-1", NOW, body), body).getFirst();
    }

    @ParameterizedTest
    @CsvSource({
        "processed,,TAKEN",
        "delivered,,DELIVERED",
        "deferred,,DEFERRED",
        "bounce,bounce,BOUNCED",
        "bounce,blocked,FAILED",
        "dropped,,FAILED",
        "spamreport,,COMPLAINED",
        "group_unsubscribe,,UNSUBSCRIBED",
        "open,,OTHER"
    })
    void sendGrid_tells(String event, String type, Kind kind) {
        MailEvent told = only(
                SENDGRID,
                "[{\"event\":\"" + event + "\",\"type\":\"" + type + "\",\"sg_event_id\":\"x\",\"delivery\":\"d1\","
                        + "\"reason\":\"550 no\\n such user\",\"timestamp\":1799999999}]");
        assertThat(told)
                .isEqualTo(new MailEvent(
                        "sendgrid",
                        "x",
                        "d1",
                        kind,
                        event + " 550 no such user",
                        Instant.ofEpochSecond(1_799_999_999)));
    }

    @ParameterizedTest
    @CsvSource({
        "email.sent,,TAKEN",
        "email.delivered,,DELIVERED",
        "email.delivery_delayed,,DEFERRED",
        "email.bounced,Permanent,BOUNCED",
        "email.bounced,Transient,FAILED",
        "email.failed,,FAILED",
        "email.complained,,COMPLAINED",
        "email.clicked,,OTHER"
    })
    void resend_tells(String type, String bounce, Kind kind) {
        for (String tags : List.of("{\"delivery\":\"d1\"}", "[{\"name\":\"delivery\",\"value\":\"d1\"}]")) {
            MailEvent told = only(
                    RESEND,
                    "{\"type\":\"" + type + "\",\"data\":{\"tags\":" + tags + ",\"bounce\":{\"type\":\"" + bounce
                            + "\",\"message\":\"no\"}}}");
            assertThat(told).isEqualTo(new MailEvent("resend", "id-1", "d1", kind, type + " no", NOW));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsAltered_orNotSigned_isRefused(boolean sendGrid) {
        Signer signer = sendGrid ? SENDGRID : RESEND;
        byte[] body = (sendGrid ? "[]" : "{}").getBytes(StandardCharsets.UTF_8);
        Map<String, String> right = signer.headers("id-1", NOW, body);
        assertThat(take(signer, right, body)).hasSize(sendGrid ? 0 : 1);
        assertThatThrownBy(() -> take(signer, right, (sendGrid ? "[ ]" : "{ }").getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Webhook.Forged.class);
        for (String header : right.keySet()) {
            Map<String, String> without = new HashMap<>(right);
            without.remove(header);
            assertThatThrownBy(() -> take(signer, without, body)).as(header).isInstanceOf(Webhook.Forged.class);
            Map<String, String> altered = new HashMap<>(right);
            altered.merge(header, "1", String::concat);
            assertThatThrownBy(() -> take(signer, altered, body)).as(header).isInstanceOf(Webhook.Forged.class);
        }
    }

    @Test
    void resend_repeatedLater_isRefused() {
        byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
        Map<String, String> old = RESEND.headers("id-1", NOW.minus(Duration.ofMinutes(6)), body);
        assertThatThrownBy(() -> take(RESEND, old, body)).hasMessageContaining("5 minutes ago");
    }

    @Test
    void resend_whileTheKeyIsChanged_signsWithBoth() {
        byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = new HashMap<>(RESEND.headers("id-1", NOW, body));
        headers.computeIfPresent(ResendWebhook.SIGNATURE, (name, right) -> "v1,AAAA " + right);
        assertThat(take(RESEND, headers, body)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "3", "[{\"event\":3}]"})
    void whatIsSignedAndUnreadable_saysSo(String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        if (json.startsWith("[")) {
            assertThat(take(SENDGRID, SENDGRID.headers("", NOW, body), body))
                    .extracting(MailEvent::kind)
                    .containsExactly(Kind.OTHER);
        } else {
            assertThatThrownBy(() -> take(SENDGRID, SENDGRID.headers("", NOW, body), body))
                    .isInstanceOf(IllegalArgumentException.class)
                    .isNotInstanceOf(Webhook.Forged.class);
        }
    }

    @Test
    void wrongKeys_areRefusedAtStart_andNotTold() {
        assertThatThrownBy(() -> new SendGridWebhook("AAAA"))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("mail.sendgrid.webhook-key");
        assertThatThrownBy(() -> new ResendWebhook("whsec_!secret!"))
                .isInstanceOf(MillraceException.class)
                .hasMessageNotContaining("!secret!")
                .hasNoCause();
    }
}
