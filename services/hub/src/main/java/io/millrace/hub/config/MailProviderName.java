package io.millrace.hub.config;

import java.util.Locale;

/** Who can take mail. */
public enum MailProviderName {
    SMTP,
    SENDGRID,
    RESEND;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
