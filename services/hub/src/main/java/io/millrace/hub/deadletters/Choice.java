package io.millrace.hub.deadletters;

import io.millrace.operations.deadletters.LetterFilter;
import java.time.Duration;
import java.time.Instant;
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

    LetterFilter filter() {
        return new LetterFilter(
                stage, reason, since == null ? null : Instant.now().minus(since));
    }
}
