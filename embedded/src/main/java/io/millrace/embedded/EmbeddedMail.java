package io.millrace.embedded;

import com.icegreen.greenmail.mail.MailAddress;
import com.icegreen.greenmail.mail.MovingMessage;
import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.user.UserException;
import com.icegreen.greenmail.user.UserManager;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * An SMTP server on the loopback address that takes mail for everybody. Each mail is a file, {@code 000001.eml}, before the
 * sender hears that it is taken; its envelope's recipient is in the header {@code X-Envelope-To}.
 */
public final class EmbeddedMail implements AutoCloseable {
    private final GreenMail server;
    private final int port;
    private final Path folder;
    private final AtomicInteger number;

    private EmbeddedMail(GreenMail server, int port, Path folder, int last) {
        this.server = server;
        this.port = port;
        this.folder = folder;
        this.number = new AtomicInteger(last);
    }

    /**
     * @param folder where mails are kept between runs
     * @param port 0 takes a free one, the same in each run of a folder if it can be had
     */
    public static EmbeddedMail start(Path folder, int port) {
        try {
            Files.createDirectories(folder);
            int chosen = Ports.choose("smtp", port, folder.resolve("smtp-port"));
            GreenMail server = new GreenMail(new ServerSetup(chosen, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
            EmbeddedMail mail = new EmbeddedMail(server, chosen, folder, last(folder));
            server.start();
            UserManager users = server.getManagers().getUserManager();
            users.setMessageDeliveryHandler((message, recipient) -> mail.take(users, message, recipient));
            return mail;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (RuntimeException failed) {
            throw new MillraceException(
                    Category.RESOURCE, "the SMTP server did not start: " + failed.getMessage(), "see the log", failed);
        }
    }

    private static int last(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("\\d+\\.eml"))
                    .mapToInt(name -> Integer.parseInt(name.substring(0, name.indexOf('.'))))
                    .max()
                    .orElse(0);
        }
    }

    private GreenMailUser take(UserManager users, MovingMessage message, MailAddress recipient)
            throws MessagingException, UserException {
        Path file = folder.resolve(String.format(Locale.ROOT, "%06d.eml", number.incrementAndGet()));
        Path unfinished = folder.resolve(file.getFileName() + ".new");
        try {
            try (OutputStream out = Files.newOutputStream(unfinished)) {
                out.write(("X-Envelope-To: " + recipient.getEmail() + "\r\n")
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
                message.getMessage().writeTo(out);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            throw new MessagingException("cannot write " + file, failed);
        }
        GreenMailUser user = users.getUserByEmail(recipient.getEmail());
        return user == null ? users.createUser(recipient.getEmail(), recipient.getEmail(), recipient.getEmail()) : user;
    }

    /** Also after it was closed. */
    public int port() {
        return port;
    }

    /** Where the mails are. */
    public Path folder() {
        return folder;
    }

    @Override
    public void close() {
        server.stop();
    }
}
