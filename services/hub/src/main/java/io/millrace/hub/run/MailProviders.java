package io.millrace.hub.run;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.MailProviderName;
import io.millrace.notifications.dispatch.Policy;
import io.millrace.notifications.dispatch.Providers;
import io.millrace.notifications.inbound.ResendWebhook;
import io.millrace.notifications.inbound.SendGridWebhook;
import io.millrace.notifications.inbound.Webhook;
import io.millrace.notifications.provider.MailProvider;
import io.millrace.notifications.provider.ResendProvider;
import io.millrace.notifications.provider.SendGridProvider;
import io.millrace.notifications.provider.SmtpProvider;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Those who take mail, as the configuration has them. */
public final class MailProviders {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);

    private MailProviders() {}

    /** The preferred one first. */
    public static List<MailProvider> of(HubConfig.Mail mail) {
        return mail.providers().stream().map(name -> provider(name, mail)).toList();
    }

    /** @throws MillraceException if its key is missing */
    public static MailProvider provider(MailProviderName name, HubConfig.Mail mail) {
        return switch (name) {
            case SMTP ->
                new SmtpProvider(new SmtpProvider.Settings(
                        mail.smtp().host(),
                        mail.smtp().port(),
                        mail.smtp().user(),
                        mail.smtp().password().reveal(),
                        mail.smtp().startTls()));
            case SENDGRID ->
                new SendGridProvider(
                        url(mail.sendgrid(), "https://api.sendgrid.com"), key(name, mail.sendgrid()), ANSWER_LIMIT);
            case RESEND ->
                new ResendProvider(
                        url(mail.resend(), "https://api.resend.com"), key(name, mail.resend()), ANSWER_LIMIT);
        };
    }

    /** Of the providers whose events are taken. */
    static List<Webhook> webhooks(HubConfig.Mail mail) {
        List<Webhook> webhooks = new ArrayList<>();
        if (!mail.sendgrid().webhookKey().isEmpty()) {
            webhooks.add(new SendGridWebhook(mail.sendgrid().webhookKey().reveal()));
        }
        if (!mail.resend().webhookKey().isEmpty()) {
            webhooks.add(new ResendWebhook(mail.resend().webhookKey().reveal()));
        }
        return webhooks;
    }

    /** Without a slash at the end. */
    static String publicUrl(HubConfig.Mail mail) {
        return mail.publicUrl().replaceAll("/+$", "");
    }

    private static String url(HubConfig.Api api, String otherwise) {
        return api.url().isEmpty() ? otherwise : api.url();
    }

    private static String key(MailProviderName name, HubConfig.Api api) {
        if (api.key().isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    "mail provider " + name + " has no key",
                    "set mail." + name + ".key in the configuration file, from an environment variable: ${NAME}");
        }
        return api.key().reveal();
    }

    static Policy policy(HubConfig.Mail mail) {
        return new Policy(
                Policy.DEFAULT.refusals(),
                Policy.DEFAULT.firstWait(),
                Policy.DEFAULT.longestWait(),
                mail.unknownWindow());
    }

    static Providers.Guard guard(HubConfig.Mail mail) {
        return new Providers.Guard(
                Providers.Guard.DEFAULT.openFor(), Providers.Guard.DEFAULT.pageFor(), mail.perSecond());
    }
}
