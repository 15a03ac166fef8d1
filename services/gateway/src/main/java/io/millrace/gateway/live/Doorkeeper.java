package io.millrace.gateway.live;

import io.millrace.operations.access.Caller;
import java.util.Optional;

/** Knows who may come in. */
public interface Doorkeeper {
    /**
     * The key of a text.
     *
     * @param from address that sent it
     * @throws io.millrace.gateway.http.Problem if it is not accepted
     */
    Caller accept(String text, String from);

    /**
     * The one who asks, as it is now.
     *
     * @return empty if the key or session is not in force any more
     * @throws io.millrace.gateway.http.Problem if that is not known now
     */
    Optional<? extends Caller> inForce(Caller caller);
}
