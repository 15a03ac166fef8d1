package io.millrace.gateway.live;

import io.millrace.operations.access.ApiKey;
import java.util.Optional;

/** Knows keys. */
public interface Doorkeeper {
    /**
     * The key of a text.
     *
     * @param from address that sent it
     * @throws io.millrace.gateway.http.Problem if it is not accepted
     */
    ApiKey accept(String text, String from);

    /**
     * The key as it is now.
     *
     * @return empty if it is not in force any more
     * @throws io.millrace.gateway.http.Problem if that is not known now
     */
    Optional<ApiKey> inForce(ApiKey key);
}
