package io.millrace.notifications.provider;

import io.millrace.notifications.provider.Outcome.Action;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** SendGrid's API, version 3. It has no way to tell two tries from two mails. */
public final class SendGridProvider implements MailProvider {
    /** A limit that is over sooner is waited for; for a longer one, another provider is asked. */
    private static final Duration SHORT = Duration.ofSeconds(5);

    private final HttpMail http;

    /** @param url e.g. {@code https://api.sendgrid.com} */
    public SendGridProvider(String url, String key, Duration answerLimit) {
        this.http = new HttpMail(url, "/v3/mail/send", key, answerLimit);
    }

    @Override
    public String name() {
        return "sendgrid";
    }

    @Override
    public boolean idempotent() {
        return false;
    }

    @Override
    public Outcome send(Mail mail) {
        Map<String, Object> body = Map.of(
                "personalizations", List.of(Map.of("to", List.of(Map.of("email", mail.to())))),
                "from", Map.of("email", mail.from()),
                "subject", mail.subject(),
                "content",
                        List.of(
                                Map.of("type", "text/plain", "value", mail.text()),
                                Map.of("type", "text/html", "value", mail.html())),
                "headers", mail.headers(),
                "custom_args", Map.of("delivery", mail.id()));
        return http.post(body, Map.of(), SendGridProvider::answered);
    }

    private static Outcome answered(HttpResponse<String> answer) {
        String said = HttpMail.said(answer);
        int status = answer.statusCode();
        if (status >= 200 && status < 300) {
            return new Outcome.Accepted(
                    answer.headers().firstValue("X-Message-Id").orElse(null));
        }
        return switch (status) {
            case 401, 403 -> new Outcome.Refused(Action.FAIL_OVER_AND_PAGE, said);
            case 429 -> limited(answer, said);
            default -> status >= 500 ? new Outcome.Unknown(said) : new Outcome.Refused(Action.PERMANENT, said);
        };
    }

    private static Outcome limited(HttpResponse<String> answer, String said) {
        Duration wait = answer.headers()
                .firstValue("X-RateLimit-Reset")
                .filter(reset -> reset.matches("\\d{1,12}"))
                .map(reset -> Duration.between(Instant.now(), Instant.ofEpochSecond(Long.parseLong(reset))))
                .orElse(SHORT);
        return wait.compareTo(SHORT) <= 0
                ? new Outcome.Refused(Action.RETRY, said, wait.isNegative() ? Duration.ZERO : wait)
                : new Outcome.Refused(Action.FAIL_OVER, said);
    }
}
