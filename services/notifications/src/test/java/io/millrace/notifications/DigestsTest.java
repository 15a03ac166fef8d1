package io.millrace.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.notifications.inbound.Unsubscribe;
import io.millrace.notifications.ledger.Deliveries;
import io.millrace.notifications.ledger.Delivery;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.route.Importance;
import io.millrace.notifications.route.Route;
import io.millrace.notifications.route.Timing;
import io.millrace.notifications.template.Sample;
import io.millrace.notifications.template.Templates;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.registry.Contracts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Alerts become the mails of digests, on a real Postgres. */
@SuppressWarnings("NullAway.Init")
class DigestsTest {
    private static final String ANN = "ann@example.test";

    private static final Unsubscribe NO_LINKS = new Unsubscribe("", new byte[] {1});

    private Ledger ledger;
    private Templates templates;

    @BeforeEach
    void makeLedger() {
        Contracts.trust();
        ledger = TestLedgers.open(TestLedgers.create());
        templates = new Templates(catalog());
    }

    private static Path catalog() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("catalog/templates"))) {
            folder = Objects.requireNonNull(folder.getParent());
        }
        return folder.resolve("catalog");
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void mailsOfAWindow_comeAsOne_ofEachRecipientAndRoute() throws Exception {
        List<Route> routes =
                List.of(route("short", "1s", ANN, "bob@example.test"), route("long", "24h", "carl@example.test"));
        Intake intake = new Intake(routes, templates, ledger, NO_LINKS);
        for (int i = 0; i < 150; i++) {
            Alert alert = alert("alert " + i);
            intake.take(alert);
            intake.take(alert);
        }
        Digests digests = new Digests(ledger, templates, routes, NO_LINKS);
        // Two hubs look at once.
        try (ExecutorService hubs = Executors.newFixedThreadPool(2)) {
            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (states("gathering").size() > 150 && System.nanoTime() < deadline) {
                List<Future<?>> both = List.of(hubs.submit(digests::run), hubs.submit(digests::run));
                for (Future<?> each : both) {
                    each.get();
                }
            }
        }
        // The window of the other route is open for the rest of the day.
        assertThat(states("gathering")).hasSize(150);
        assertThat(states("digested")).hasSize(300);
        List<Deliveries.Row> sent = states("pending");
        assertThat(sent).extracting(Deliveries.Row::to).contains(ANN, "bob@example.test");
        for (String to : List.of(ANN, "bob@example.test")) {
            int mails = sent.stream()
                    .filter(row -> row.to().equals(to))
                    .mapToInt(row -> Integer.parseInt(row.subject().split(" ", 2)[0]))
                    .sum();
            assertThat(mails).isEqualTo(150);
        }
    }

    @Test
    void mailThatComesAfterItsDigest_isInOneOfItsOwn() {
        List<Route> routes = List.of(route("late", "1h", ANN));
        Instant window = Instant.now().minusSeconds(5);
        Digests digests = new Digests(ledger, templates, routes, NO_LINKS);
        for (String event : List.of("first", "second")) {
            ledger.gather(delivery(event), window);
            digests.run();
        }
        assertThat(states("pending")).hasSize(2).allMatch(row -> row.subject().startsWith("1 alerts"));
        assertThat(states("digested")).hasSize(2);
        assertThat(states("gathering")).isEmpty();
    }

    @Test
    void recipient_mayWantEachMailAtOnce_andCriticalMailNeverWaits() {
        ledger.preferences().set("Now@example.test", new Timing.Wish("off", null, null), "ann");
        ledger.preferences().set("later@example.test", new Timing.Wish("24h", "00:00-23:59", null), "ann");
        List<Route> routes = List.of(
                route("normal", "24h", "now@example.test"),
                new Route(
                        "critical",
                        null,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of("later@example.test"),
                        "alert",
                        Importance.CRITICAL,
                        Timing.AT_ONCE));
        new Intake(routes, templates, ledger, NO_LINKS).take(alert("told at once"));
        assertThat(ledger.claim(10, Duration.ofSeconds(1), delivery -> Optional.of("smtp")))
                .extracting(claim -> claim.delivery().recipient())
                .containsExactlyInAnyOrder("now@example.test", "later@example.test");
    }

    private List<Deliveries.Row> states(String state) {
        return ledger.deliveries().list(state, null, 10_000);
    }

    private static Route route(String name, String digest, String... to) {
        return new Route(
                name,
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(to),
                "alert",
                Importance.NORMAL,
                new Timing.Wish(digest, null, null).over(Timing.AT_ONCE));
    }

    private static Alert alert(String title) {
        return Alert.newBuilder(Sample.alert())
                .setId(UUID.randomUUID().toString())
                .setTitle(title)
                .build();
    }

    private static Delivery delivery(String event) {
        return new Delivery(
                Delivery.id(event, "late@example.test", "alert"),
                event,
                Delivery.NO_ALERT,
                "late",
                "late@example.test",
                "alert",
                Importance.NORMAL,
                "subject",
                "html",
                "text",
                "",
                Instant.now(),
                Instant.now().plus(Duration.ofHours(1)),
                0,
                0,
                null,
                List.of(),
                false,
                "");
    }
}
