package io.millrace.notifications.provider;

import io.millrace.notifications.provider.Outcome.Action;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** Any SMTP server. One connection a mail, so that a failure is one mail's. */
public final class SmtpProvider implements MailProvider {
    private static final String CONNECT_MS = "5000";
    private static final String READ_MS = "10000";

    private final Settings settings;
    private final Session session;

    /** @param user empty for none; the password never shows in texts */
    public record Settings(String host, int port, String user, String password, boolean startTls) {
        @Override
        public String toString() {
            return host + ":" + port + (user.isEmpty() ? "" : " as " + user);
        }
    }

    public SmtpProvider(Settings settings) {
        this.settings = settings;
        Properties properties = new Properties();
        properties.setProperty("mail.smtp.host", settings.host);
        properties.setProperty("mail.smtp.port", Integer.toString(settings.port));
        properties.setProperty("mail.smtp.auth", Boolean.toString(!settings.user.isEmpty()));
        properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(settings.startTls));
        properties.setProperty("mail.smtp.starttls.required", Boolean.toString(settings.startTls));
        // The library's default is to wait forever.
        properties.setProperty("mail.smtp.connectiontimeout", CONNECT_MS);
        properties.setProperty("mail.smtp.timeout", READ_MS);
        properties.setProperty("mail.smtp.writetimeout", READ_MS);
        properties.setProperty("mail.smtp.quitwait", "false");
        this.session = Session.getInstance(properties);
    }

    @Override
    public String name() {
        return "smtp";
    }

    @Override
    public boolean idempotent() {
        return false;
    }

    @Override
    public Outcome send(Mail mail) {
        MimeMessage message;
        try {
            message = message(mail);
        } catch (MessagingException wrong) {
            return new Outcome.Refused(Action.PERMANENT, "the mail cannot be written: " + wrong.getMessage());
        }
        try (Transport transport = session.getTransport("smtp")) {
            try {
                connect(transport);
            } catch (MessagingException failed) {
                return SmtpFailures.connecting(settings.host + ':' + settings.port, failed);
            }
            return send(transport, message, mail);
        } catch (MessagingException leftWithoutGoodbye) {
            // Only closing can fail here, and what was to happen has happened.
            return new Outcome.Unknown(String.valueOf(leftWithoutGoodbye.getMessage()));
        }
    }

    /** Connects and logs in, without a mail: why the server would take none, if it would not. */
    public Optional<String> refusal() {
        try (Transport transport = session.getTransport("smtp")) {
            connect(transport);
            return Optional.empty();
        } catch (MessagingException failed) {
            return SmtpFailures.connecting(settings.host + ':' + settings.port, failed)
                            instanceof Outcome.Refused refused
                    ? Optional.of(refused.detail())
                    : Optional.of(String.valueOf(failed.getMessage()));
        }
    }

    private void connect(Transport transport) throws MessagingException {
        boolean login = !settings.user.isEmpty();
        transport.connect(settings.host, settings.port, login ? settings.user : null, login ? settings.password : null);
    }

    private static Outcome send(Transport transport, MimeMessage message, Mail mail) throws MessagingException {
        try {
            transport.sendMessage(message, message.getAllRecipients());
            return new Outcome.Accepted(mail.messageId());
        } catch (MessagingException failed) {
            return SmtpFailures.sending(failed);
        }
    }

    private MimeMessage message(Mail mail) throws MessagingException {
        MimeMessage message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", "<" + mail.messageId() + ">");
            }
        };
        message.setFrom(address(mail.from()));
        message.setRecipient(jakarta.mail.Message.RecipientType.TO, address(mail.to()));
        message.setSubject(mail.subject(), "UTF-8");
        message.setHeader("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(OffsetDateTime.now(ZoneOffset.UTC)));
        for (Map.Entry<String, String> header : mail.headers().entrySet()) {
            message.setHeader(header.getKey(), header.getValue());
        }
        MimeBodyPart text = new MimeBodyPart();
        text.setText(mail.text(), "UTF-8");
        MimeBodyPart html = new MimeBodyPart();
        html.setText(mail.html(), "UTF-8", "html");
        message.setContent(new MimeMultipart("alternative", text, html));
        message.saveChanges();
        return message;
    }

    private static InternetAddress address(String text) throws AddressException {
        InternetAddress address = new InternetAddress(text, true);
        address.validate();
        return address;
    }
}
