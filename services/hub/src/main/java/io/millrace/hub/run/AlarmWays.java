package io.millrace.hub.run;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RoutesFile;
import io.millrace.monitoring.alert.DirectAlarm;
import io.millrace.monitoring.alert.PipelineAlerts;
import io.millrace.notifications.provider.Mail;
import io.millrace.notifications.provider.MailProvider;
import io.millrace.notifications.provider.Outcome;
import io.millrace.notifications.route.Route;
import io.millrace.schemas.avro.Severity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** By mail, to those who are mailed to about the pipeline, past the ledger; and to a webhook. */
final class AlarmWays implements DirectAlarm.Way {
    private static final Logger LOG = LoggerFactory.getLogger(AlarmWays.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final HubConfig.Mail mail;
    private final List<String> recipients;
    private final HubConfig.Monitoring settings;

    private AlarmWays(HubConfig.Mail mail, List<String> recipients, HubConfig.Monitoring settings) {
        this.mail = mail;
        this.recipients = recipients;
        this.settings = settings;
    }

    static AlarmWays of(HubConfig config) {
        List<String> named = config.monitoring().mailTo();
        return new AlarmWays(
                config.mail(),
                named.isEmpty() ? routed(RoutesFile.read(config.catalog())) : named,
                config.monitoring());
    }

    /** Addresses of the routes that alerts of the pipeline take, but for those that a single alert's values complete. */
    private static List<String> routed(List<Route> routes) {
        return routes.stream()
                .filter(route -> (route.severity() == null || Severity.HIGH.compareTo(route.severity()) >= 0)
                        && (route.controls().isEmpty() || route.controls().contains(PipelineAlerts.CONTROL.name()))
                        && (route.owners().isEmpty() || route.owners().contains(PipelineAlerts.CONTROL.owner()))
                        && route.tenants().isEmpty())
                .flatMap(route -> route.to().stream())
                .map(address -> address.replace("{owner}", PipelineAlerts.CONTROL.owner())
                        .replace("{control}", PipelineAlerts.CONTROL.name()))
                .filter(address -> !address.contains("{"))
                .distinct()
                .toList();
    }

    @Override
    public boolean tell(DirectAlarm.Message message) {
        boolean told = false;
        for (String recipient : recipients) {
            told |= mailed(message, recipient);
        }
        if (!settings.webhook().isEmpty()) {
            told |= called(message);
        }
        return told;
    }

    private static String html(String text) {
        return "<pre>" + text.replace("&", "&amp;").replace("<", "&lt;") + "</pre>";
    }

    private boolean mailed(DirectAlarm.Message message, String recipient) {
        Mail words = new Mail(
                DirectAlarm.MAIL + UUID.randomUUID(),
                mail.from(),
                recipient,
                message.subject(),
                html(message.text()),
                message.text(),
                "",
                false);
        for (MailProvider provider : MailProviders.of(mail)) {
            Outcome outcome = provider.send(words);
            if (outcome instanceof Outcome.Accepted) {
                return true;
            }
            LOG.warn("{} did not take a mail about the pipeline: {}", provider.name(), outcome);
        }
        return false;
    }

    /** Where it is may be a secret: it is in no message. */
    private boolean called(DirectAlarm.Message message) {
        String body = JsonMapper.builder()
                .build()
                .writeValueAsString(Map.of(
                        "source", message.source().toString(),
                        "state", message.stuck() ? "stuck" : "well",
                        "subject", message.subject(),
                        "text", message.text()));
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
            int status = client.send(
                            HttpRequest.newBuilder(URI.create(settings.webhook().reveal()))
                                    .timeout(LIMIT)
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
            if (status / 100 != 2) {
                LOG.warn("monitoring.webhook answered {}", status);
            }
            return status / 100 == 2;
        } catch (IOException | IllegalArgumentException away) {
            LOG.warn("monitoring.webhook did not answer: {}", away.getClass().getSimpleName());
            return false;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
