package io.millrace.notifications.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.notifications.provider.Outcome.Action;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each phase of a session in which a server may refuse, and what is to be done. */
class SmtpProviderTest {
    static final Mail MAIL =
            new Mail("d1", "from@example.test", "to@example.test", "s", "<p>h</p>", "t", "https://u.test/x", false);

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of("CONNECT", "421 4.3.2 not now", Action.FAIL_OVER),
                Arguments.of("CONNECT", "554 5.3.2 no", Action.FAIL_OVER),
                Arguments.of("AUTH", "454 4.7.0 later", Action.FAIL_OVER),
                Arguments.of("AUTH", "535 5.7.8 wrong password", Action.FAIL_OVER_AND_PAGE),
                Arguments.of("MAIL", "550 5.7.1 sender refused", Action.FAIL_OVER_AND_PAGE),
                Arguments.of("RCPT", "450 4.2.1 mailbox busy", Action.RETRY),
                Arguments.of("RCPT", "550 5.1.1 no such user", Action.PERMANENT_AND_SUPPRESS),
                Arguments.of("RCPT", "550 5.7.1 relaying denied", Action.FAIL_OVER_AND_PAGE),
                Arguments.of("END", "550 5.4.5 daily quota exceeded", Action.FAIL_OVER_AND_PAGE),
                Arguments.of("END", "554 5.7.1 looks like spam", Action.FAIL_OVER_AND_PAGE),
                Arguments.of("END", "452 4.3.1 no room", Action.RETRY),
                Arguments.of("END", "554 5.6.0 malformed", Action.PERMANENT));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refused_byTheFaultThatTheCodeNames(String phase, String answer, Action action) {
        try (ScriptedSmtp server = new ScriptedSmtp(Map.of(phase, answer))) {
            Outcome outcome =
                    provider(server.port(), phase.equals("AUTH") ? "user" : "").send(MAIL);
            assertThat(outcome).isInstanceOf(Outcome.Refused.class);
            Outcome.Refused refused = (Outcome.Refused) outcome;
            assertThat(refused.action()).as(refused.detail()).isEqualTo(action);
            assertThat(refused.detail()).doesNotContain("secret");
        }
    }

    @Test
    void quota_closesTheProviderForADay() {
        try (ScriptedSmtp server = new ScriptedSmtp(Map.of("END", "550 5.4.5 daily quota exceeded"))) {
            assertThat(provider(server.port(), "").send(MAIL))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            refused -> assertThat(refused.pause()).isEqualTo(Duration.ofHours(24)));
        }
    }

    @Test
    void noServer_failsOver() {
        int port;
        try (ScriptedSmtp server = new ScriptedSmtp(Map.of())) {
            port = server.port();
        }
        assertThat(provider(port, "").send(MAIL))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.action()).isEqualTo(Action.FAIL_OVER));
    }

    @Test
    void lostConnectionAroundTheBody_isUnknown() {
        for (String phase : new String[] {"DATA", "END"}) {
            try (ScriptedSmtp server = new ScriptedSmtp(Map.of(phase, "close"))) {
                assertThat(provider(server.port(), "").send(MAIL)).as(phase).isInstanceOf(Outcome.Unknown.class);
            }
        }
    }

    @Test
    void approved_isAccepted() {
        try (ScriptedSmtp server = new ScriptedSmtp(Map.of())) {
            assertThat(provider(server.port(), "").send(MAIL)).isEqualTo(new Outcome.Accepted("d1@millrace"));
            assertThat(server.taken()).isEqualTo(1);
        }
    }

    @Test
    void wrongAddress_isTheMailsFault() {
        Mail mail = new Mail("d1", "from@example.test", "not an address", "s", "h", "t", "", false);
        assertThat(provider(1, "").send(mail))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.action()).isEqualTo(Action.PERMANENT));
    }

    private static SmtpProvider provider(int port, String user) {
        return new SmtpProvider(new SmtpProvider.Settings("127.0.0.1", port, user, "secret", false));
    }
}
