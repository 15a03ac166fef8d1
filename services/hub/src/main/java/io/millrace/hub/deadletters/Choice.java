package io.millrace.hub.deadletters;

import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterState;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which letters are meant. */
final class Choice {
    @Option(names = "--stage", paramLabel = "STAGE", description = "That failed, e.g. mail, view, view:stock_on_hand.")
    private @Nullable String stage;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Whose reason contains this.")
    private @Nullable String reason;

    @Option(names = "--since", paramLabel = "TIME", description = "So long ago at most: 30m, 12h, 7d.")
    private @Nullable Duration since;

    boolean none() {
        return stage == null && reason == null && since == null;
    }

    boolean matches(DeadLetter letter) {
        return (stage == null
                        || letter.getOrigin().equals(stage)
                        || letter.getOrigin().startsWith(stage + ":"))
                && (reason == null
                        || letter.getReason().toLowerCase(Locale.ROOT).contains(reason.toLowerCase(Locale.ROOT)))
                && (since == null || letter.getAt().isAfter(Instant.now().minus(since)));
    }

    static boolean open(DeadLetter letter) {
        return letter.getState() == DeadLetterState.OPEN;
    }
}
