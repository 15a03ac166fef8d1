package io.millrace.demo.oracle;

import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;

/** What the embedded SMTP server took. */
public final class MailFolder {
    private final Path folder;

    /**
     * @param file its name
     * @param delivery id in the ledger; empty for mail that is not the hub's
     * @param text body for readers without HTML
     */
    public record ReadMail(String file, String to, String from, String subject, String delivery, String text) {}

    public MailFolder(Path folder) {
        this.folder = folder;
    }

    /** All mails, oldest first. */
    public List<ReadMail> all() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<ReadMail> mails = new ArrayList<>();
            for (Path file : files.filter(path -> path.toString().endsWith(".eml"))
                    .sorted()
                    .toList()) {
                mails.add(read(file));
            }
            return mails;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static ReadMail read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MimeMessage message = new MimeMessage(Session.getInstance(new Properties()), in);
            return new ReadMail(
                    file.getFileName().toString(),
                    header(message, "X-Envelope-To"),
                    String.valueOf(message.getFrom()[0]),
                    Objects.requireNonNullElse(message.getSubject(), ""),
                    header(message, "X-Millrace-Delivery"),
                    text(message.getContent()));
        } catch (MessagingException wrong) {
            return new ReadMail(file.getFileName().toString(), "", "", "cannot be read: " + wrong.getMessage(), "", "");
        }
    }

    private static String header(MimeMessage message, String name) throws MessagingException {
        return Objects.requireNonNullElse(message.getHeader(name, null), "");
    }

    private static String text(Object content) throws MessagingException, IOException {
        if (content instanceof Multipart parts) {
            for (int i = 0; i < parts.getCount(); i++) {
                BodyPart part = parts.getBodyPart(i);
                if (part.isMimeType("text/plain")) {
                    return part.getContent().toString();
                }
            }
        }
        return content.toString();
    }
}
