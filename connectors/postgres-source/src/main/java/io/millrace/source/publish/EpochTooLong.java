package io.millrace.source.publish;

import java.time.Duration;

/** A transaction of the source was published for longer than Kafka lets one of its own transactions be open. */
public final class EpochTooLong extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EpochTooLong(Duration open, Duration limit, RuntimeException cause) {
        super(
                "a transaction of the source was published for " + open.toSeconds()
                        + " s, and Kafka ended its own transaction after " + limit.toSeconds() + " s",
                cause);
    }
}
