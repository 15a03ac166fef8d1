package io.millrace.notifications.provider;

import io.millrace.notifications.provider.Outcome.Action;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.jspecify.annotations.Nullable;

/**
 * What the library's exceptions mean. Its classes do not tell whether a mail was sent: a connection that is lost before the
 * body looks like one that is lost after it, so everything that is not known to be a refusal is unknown.
 */
final class SmtpFailures {
    private static final Pattern CODE = Pattern.compile("\\b([245]\\d\\d)[ -](?:([245]\\.\\d{1,3}\\.\\d{1,3})\\b)?");
    private static final Duration QUOTA = Duration.ofHours(24);

    private SmtpFailures() {}

    /**
     * Before there was a mail: no name, no connection, no TLS, turned away, not logged in.
     *
     * @param address host:port of the server
     */
    static Outcome connecting(String address, MessagingException failed) {
        String text = text(failed);
        return find(failed, AuthenticationFailedException.class) != null && code(text) != 454 && !text.contains("4.7.")
                ? new Outcome.Refused(Action.FAIL_OVER_AND_PAGE, "the login was refused: " + text)
                : new Outcome.Refused(Action.FAIL_OVER, "no connection to " + address + ": " + text);
    }

    /** From the sender's address on. */
    static Outcome sending(MessagingException failed) {
        SMTPAddressFailedException address = find(failed, SMTPAddressFailedException.class);
        if (address != null) {
            return recipient(address.getReturnCode(), text(address));
        }
        SMTPSendFailedException message = find(failed, SMTPSendFailedException.class);
        if (message != null) {
            return message(message.getReturnCode(), text(message));
        }
        SMTPSenderFailedException sender = find(failed, SMTPSenderFailedException.class);
        if (sender != null) {
            return message(sender.getReturnCode(), text(sender));
        }
        return new Outcome.Unknown(text(failed));
    }

    /** An answer to RCPT. */
    private static Outcome recipient(int code, String text) {
        if (code >= 400 && code < 500) {
            return new Outcome.Refused(Action.RETRY, text);
        }
        if (text.contains("5.4.5")) {
            return new Outcome.Refused(Action.FAIL_OVER_AND_PAGE, text, QUOTA);
        }
        if (text.contains("5.7.")) {
            return new Outcome.Refused(Action.FAIL_OVER_AND_PAGE, text);
        }
        boolean unknown = text.contains("5.1.") || code == 550 || code == 551 || code == 553;
        return new Outcome.Refused(unknown ? Action.PERMANENT_AND_SUPPRESS : Action.PERMANENT, text);
    }

    /** An answer to MAIL or to the end of the data: whatever it is, it is not the recipient's fault. */
    private static Outcome message(int code, String text) {
        if (code >= 200 && code < 300) {
            return new Outcome.Unknown(text);
        }
        if (text.contains("5.4.5")) {
            // A quota: a permanent code for what passes with the day.
            return new Outcome.Refused(Action.FAIL_OVER_AND_PAGE, text, QUOTA);
        }
        if (code == 421) {
            return new Outcome.Refused(Action.FAIL_OVER, text);
        }
        if (code >= 400 && code < 500) {
            return new Outcome.Refused(Action.RETRY, text);
        }
        if (text.contains("5.7.") || code == 530 || code == 535) {
            return new Outcome.Refused(Action.FAIL_OVER_AND_PAGE, text);
        }
        return code >= 500 ? new Outcome.Refused(Action.PERMANENT, text) : new Outcome.Unknown(text);
    }

    private static int code(String text) {
        Matcher matcher = CODE.matcher(text);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
    }

    private static String text(Throwable thrown) {
        return String.valueOf(thrown.getMessage()).strip().replaceAll("\\s+", " ");
    }

    private static <T extends Throwable> @Nullable T find(MessagingException thrown, Class<T> type) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
            cause = cause instanceof MessagingException nested && nested.getNextException() != null
                    ? nested.getNextException()
                    : cause.getCause();
        }
        return null;
    }
}
