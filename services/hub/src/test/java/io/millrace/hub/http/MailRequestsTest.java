package io.millrace.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.Role;
import io.millrace.hub.config.Secret;
import io.millrace.hub.run.RunningRole;
import io.millrace.notifications.inbound.Inbound;
import io.millrace.notifications.inbound.ResendWebhook;
import io.millrace.notifications.inbound.Unsubscribe;
import io.millrace.notifications.ledger.Delivery;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.ledger.Suppressions.Suppression;
import io.millrace.notifications.route.Importance;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hub's web server as recipients and providers meet it. */
@SuppressWarnings("NullAway.Init")
class MailRequestsTest {
    private static final byte[] KEY = {1, 2, 3, 4};
    private static final String TO = "<b>ann@example.test";

    @TempDir
    static Path directory;

    private static EmbeddedPostgres postgres;
    private static Ledger ledger;
    private static Mails mails;
    private static HubServer server;
    private static String path;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** A role of which only this is looked at. */
    private static final class Mails implements RunningRole {
        private volatile @Nullable Inbound inbound;

        @Override
        public Optional<Inbound> inbound() {
            return Optional.ofNullable(inbound);
        }

        @Override
        public Role role() {
            return Role.NOTIFICATIONS;
        }

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public String detail() {
            return "";
        }

        @Override
        public CompletableFuture<Void> end() {
            return new CompletableFuture<>();
        }

        @Override
        public void close() {}
    }

    @BeforeAll
    static void start() {
        postgres = EmbeddedPostgres.start(directory.resolve("postgres"), 0, Map.of("fsync", "off"));
        ledger = new Ledger(postgres.jdbcUrl("postgres"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD, "hub");
        ledger.prepare();
        mails = new Mails();
        server = HubServer.start(
                new HubConfig.Http("127.0.0.1", 0, ""), new HubConfig.Datadog("", Secret.of("")), List.of(mails));
        Unsubscribe links = new Unsubscribe("http://x", ledger.secret("unsubscribe"));
        String id = Delivery.id("event", TO, "alert");
        String link = links.link(id, Importance.NORMAL);
        path = link.substring("http://x".length());
        ledger.add(
                new Delivery(
                        id,
                        "event",
                        Delivery.NO_ALERT,
                        "own<ers>",
                        TO,
                        "alert",
                        Importance.NORMAL,
                        "s",
                        "h",
                        "t",
                        link,
                        Instant.now(),
                        Instant.now(),
                        0,
                        0,
                        null,
                        List.of(),
                        false,
                        ""),
                Instant.now());
        mails.inbound = new Inbound(
                ledger, links, List.of(new ResendWebhook(Base64.getEncoder().encodeToString(KEY))));
    }

    @AfterAll
    static void stop() {
        server.close();
        ledger.close();
        postgres.close();
    }

    @Test
    void unsubscribing_asksFirst_escapes_andHidesTheAddress() throws Exception {
        HttpResponse<String> asked = CLIENT.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(asked.statusCode()).isEqualTo(200);
        assertThat(asked.body())
                .contains("own&lt;ers&gt;", "&lt;&hellip;@example.test")
                .doesNotContain("ann@");
        assertThat(asked.headers().firstValue("Content-Security-Policy")).isPresent();
        assertThat(ledger.suppressions().inForce()).isEmpty();

        HttpResponse<String> done = CLIENT.send(
                request(path)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("List-Unsubscribe=One-Click"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(done.statusCode()).isEqualTo(200);
        assertThat(ledger.suppressions().inForce())
                .containsExactly(new Suppression(TO, "own<ers>", "unsubscribed", TO, null));
        assertThat(status(request("/unsubscribe/AAAA"))).isEqualTo(404);
    }

    @Test
    void webhook_takesWhatIsSigned_andSaysWhatIsWrong() throws Exception {
        String body = "{\"type\":\"email.delivered\",\"data\":{}}";
        assertThat(status(signed(body).POST(BodyPublishers.ofString(body)))).isEqualTo(204);
        assertThat(status(signed(body).POST(BodyPublishers.ofString(body + " "))))
                .isEqualTo(401);
        assertThat(status(request("/webhooks/resend").POST(BodyPublishers.ofString(body))))
                .isEqualTo(401);
        assertThat(status(signed("x").POST(BodyPublishers.ofString("x")))).isEqualTo(400);
        assertThat(status(request("/webhooks/sendgrid").POST(BodyPublishers.ofString(body))))
                .isEqualTo(404);
        byte[] large = new byte[(4 << 20) + 1];
        assertThat(status(request("/webhooks/resend").POST(BodyPublishers.ofByteArray(large))))
                .isEqualTo(413);
    }

    @Test
    void whileMailIsNotServed_theyAreToComeAgain() throws Exception {
        Inbound before = mails.inbound;
        mails.inbound = null;
        try {
            assertThat(status(request(path))).isEqualTo(503);
            assertThat(status(request("/webhooks/resend").POST(BodyPublishers.ofString("{}"))))
                    .isEqualTo(503);
        } finally {
            mails.inbound = before;
        }
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.url() + path));
    }

    private static HttpRequest.Builder signed(String body) throws Exception {
        String time = Long.toString(Instant.now().getEpochSecond());
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
        byte[] code = mac.doFinal(("m1." + time + "." + body).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return request("/webhooks/resend")
                .header("svix-id", "m1")
                .header("svix-timestamp", time)
                .header("svix-signature", "v1," + Base64.getEncoder().encodeToString(code));
    }

    private static int status(HttpRequest.Builder request) throws Exception {
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }
}
