package io.millrace.notifications.provider;

import io.millrace.notifications.provider.Outcome.Action;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Resend's API. The same idempotency key within 24 hours is the same mail. */
public final class ResendProvider implements MailProvider {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration QUOTA = Duration.ofHours(24);

    private final HttpMail http;

    /** @param url e.g. {@code https://api.resend.com} */
    public ResendProvider(String url, String key, Duration answerLimit) {
        this.http = new HttpMail(url, "/emails", key, answerLimit);
    }

    @Override
    public String name() {
        return "resend";
    }

    @Override
    public boolean idempotent() {
        return true;
    }

    @Override
    public Outcome send(Mail mail) {
        Map<String, Object> body = Map.of(
                "from", mail.from(),
                "to", List.of(mail.to()),
                "subject", mail.subject(),
                "html", mail.html(),
                "text", mail.text(),
                "tags", List.of(Map.of("name", "delivery", "value", mail.id())),
                "headers", mail.headers());
        return http.post(body, Map.of("Idempotency-Key", mail.id()), ResendProvider::answered);
    }

    private static Outcome answered(HttpResponse<String> answer) {
        String said = HttpMail.said(answer);
        int status = answer.statusCode();
        String name = field(answer, "name");
        if (status >= 200 && status < 300) {
            String id = field(answer, "id");
            return new Outcome.Accepted(id.isEmpty() ? null : id);
        }
        boolean domain = name.contains("domain") || said.contains("domain is not verified");
        return switch (status) {
            case 401, 403 -> new Outcome.Refused(Action.FAIL_OVER_AND_PAGE, said);
            case 409 ->
                name.equals("invalid_idempotent_request")
                        ? new Outcome.Refused(Action.PERMANENT, said)
                        : new Outcome.Refused(Action.RETRY, said);
            case 429 ->
                name.contains("quota")
                        ? new Outcome.Refused(Action.FAIL_OVER_AND_PAGE, said, wait(answer, QUOTA))
                        : new Outcome.Refused(Action.RETRY, said, wait(answer, Duration.ofSeconds(1)));
            default -> {
                if (status >= 500) {
                    yield new Outcome.Unknown(said);
                }
                yield new Outcome.Refused(domain ? Action.FAIL_OVER_AND_PAGE : Action.PERMANENT, said);
            }
        };
    }

    private static Duration wait(HttpResponse<String> answer, Duration otherwise) {
        return answer.headers()
                .firstValue("retry-after")
                .filter(seconds -> seconds.matches("\\d{1,6}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(otherwise);
    }

    private static String field(HttpResponse<String> answer, String name) {
        try {
            JsonNode value = JSON.readTree(answer.body()).path(name);
            return value.isString() ? value.stringValue() : "";
        } catch (JacksonException noJson) {
            return "";
        }
    }
}
