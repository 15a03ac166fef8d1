package io.millrace.operations.deadletters;

import io.millrace.schemas.avro.DeadLetter;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant; null for any.
 *
 * @param stage that failed, such as mail, view, or view:stock_on_hand
 * @param reason that the letter's contains, whatever the case
 * @param since of letters that are older none is meant
 */
public record LetterFilter(
        @Nullable String stage,
        @Nullable String reason,
        @Nullable Instant since) {
    public boolean isEmpty() {
        return stage == null && reason == null && since == null;
    }

    public boolean matches(DeadLetter letter) {
        return (stage == null
                        || letter.getOrigin().equals(stage)
                        || letter.getOrigin().startsWith(stage + ":"))
                && (reason == null
                        || letter.getReason().toLowerCase(Locale.ROOT).contains(reason.toLowerCase(Locale.ROOT)))
                && (since == null || letter.getAt().isAfter(since));
    }
}
