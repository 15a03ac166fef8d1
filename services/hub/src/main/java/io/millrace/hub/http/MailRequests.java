package io.millrace.hub.http;

import io.millrace.hub.run.RunningRole;
import io.millrace.notifications.inbound.Inbound;
import io.millrace.notifications.inbound.Unsubscribe;
import io.millrace.notifications.inbound.Webhook;
import io.millrace.notifications.ledger.News.Addressee;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.util.HtmlUtils;

/**
 * {@code /unsubscribe/…}, for recipients, and {@code /webhooks/…}, for providers of mail: the two paths that a proxy may show to the
 * world.
 */
final class MailRequests {
    private static final Logger LOG = LoggerFactory.getLogger(MailRequests.class);
    /** Of a provider's request, in bytes: they send some hundred events at most. */
    private static final int LONGEST = 4 << 20;

    private static final String RETRY_SECONDS = "30";

    private final List<RunningRole> roles;

    @FunctionalInterface
    private interface Handler {
        ServerResponse handle(ServerRequest request, Inbound inbound) throws IOException;
    }

    MailRequests(List<RunningRole> roles) {
        this.roles = roles;
    }

    RouterFunction<ServerResponse> routes() {
        String unsubscribe = Unsubscribe.PATH + "{token}";
        return RouterFunctions.route()
                .GET(unsubscribe, request -> with(request, MailRequests::ask))
                .POST(unsubscribe, request -> with(request, MailRequests::unsubscribe))
                .POST("/webhooks/{provider}", request -> with(request, MailRequests::webhook))
                .build();
    }

    private ServerResponse with(ServerRequest request, Handler handler) throws IOException {
        Optional<Inbound> inbound = roles.stream()
                .map(RunningRole::inbound)
                .flatMap(Optional::stream)
                .findFirst();
        if (inbound.isEmpty()) {
            return later("Mail is not served here now. Please try again in a moment.");
        }
        try {
            return handler.handle(request, inbound.get());
        } catch (JdbiException away) {
            LOG.warn("mail: a request cannot be written down now: {}", away.getMessage());
            return later("This cannot be written down now. Please try again in a moment.");
        }
    }

    private static ServerResponse later(String text) {
        return ServerResponse.status(HttpStatus.SERVICE_UNAVAILABLE)
                .header("Retry-After", RETRY_SECONDS)
                .contentType(MediaType.TEXT_PLAIN)
                .body(text);
    }

    /** Programs that look at links must not unsubscribe anybody, so this only asks. */
    private static ServerResponse ask(ServerRequest request, Inbound inbound) {
        return inbound.asked(request.pathVariable("token"))
                .map(who -> page(
                        HttpStatus.OK,
                        "No more of these mails?",
                        "<p>Mails of <b>" + HtmlUtils.htmlEscape(who.route()) + "</b> to <b>" + masked(who)
                                + "</b> will end.</p><form method=\"post\"><button>Unsubscribe</button></form>"))
                .orElseGet(MailRequests::noLink);
    }

    private static ServerResponse unsubscribe(ServerRequest request, Inbound inbound) {
        return inbound.unsubscribe(request.pathVariable("token"))
                .map(who -> page(
                        HttpStatus.OK,
                        "Unsubscribed",
                        "<p>There will be no more mails of <b>" + HtmlUtils.htmlEscape(who.route()) + "</b> to <b>"
                                + masked(who) + "</b>. Critical alerts are still mailed.</p>"))
                .orElseGet(MailRequests::noLink);
    }

    private static ServerResponse noLink() {
        return page(
                HttpStatus.NOT_FOUND,
                "This link is not known",
                "<p>It may be incomplete. Please copy the whole link from the mail.</p>");
    }

    /** A forwarded mail's link does not tell the address. */
    private static String masked(Addressee who) {
        int at = who.recipient().indexOf('@');
        return HtmlUtils.htmlEscape(who.recipient().substring(0, Math.min(1, at)) + "…"
                + who.recipient().substring(at));
    }

    private static ServerResponse page(HttpStatus status, String title, String body) {
        return ServerResponse.status(status)
                .contentType(new MediaType("text", "html", java.nio.charset.StandardCharsets.UTF_8))
                .header("Cache-Control", "no-store")
                .header("Referrer-Policy", "no-referrer")
                .header("X-Robots-Tag", "noindex")
                .header(
                        "Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
                .body("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\""
                        + " content=\"width=device-width\"><title>" + title + "</title>"
                        + "<style>body{font:1.1rem system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem}"
                        + "button{font:inherit;padding:.5rem 1rem}</style><h1>" + title + "</h1>" + body + "</html>");
    }

    private static ServerResponse webhook(ServerRequest request, Inbound inbound) throws IOException {
        String provider = request.pathVariable("provider");
        if (!inbound.listensTo(provider)) {
            return text(
                    HttpStatus.NOT_FOUND,
                    "there is no webhook of that name: set mail.<provider>.webhook-key, for sendgrid or resend");
        }
        byte[] body = request.servletRequest().getInputStream().readNBytes(LONGEST + 1);
        if (body.length > LONGEST) {
            return text(HttpStatus.CONTENT_TOO_LARGE, "more than " + LONGEST + " bytes");
        }
        try {
            inbound.webhook(
                    provider, name -> Optional.ofNullable(request.headers().firstHeader(name)), body);
            return ServerResponse.noContent().build();
        } catch (Webhook.Forged forged) {
            LOG.warn("mail: a request in the name of {} was refused: {}", provider, forged.getMessage());
            return text(HttpStatus.UNAUTHORIZED, String.valueOf(forged.getMessage()));
        } catch (IllegalArgumentException unreadable) {
            LOG.error(
                    "mail: {} sent events that cannot be read, and will show them as failed: {}",
                    provider,
                    unreadable.getMessage());
            return text(HttpStatus.BAD_REQUEST, String.valueOf(unreadable.getMessage()));
        }
    }

    private static ServerResponse text(HttpStatus status, String text) {
        return ServerResponse.status(status).contentType(MediaType.TEXT_PLAIN).body(text);
    }
}
