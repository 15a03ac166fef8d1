package io.millrace.notifications.inbound;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** How a provider tells of mails: what its requests look like, and that they are its own. */
public interface Webhook {
    /** Name of the provider: the end of the address that it posts to. */
    String provider();

    /**
     * Reads a request.
     *
     * @param header value of a header, by name
     * @param body as it came: its bytes are what was signed
     * @throws Forged if the provider did not sign it
     * @throws IllegalArgumentException if it is signed and cannot be read
     */
    List<MailEvent> events(Function<String, Optional<String>> header, byte[] body, Instant now);

    /** A request that is not the provider's. */
    final class Forged extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Forged(String why) {
            super(why);
        }
    }
}
