package io.millrace.hub.deadletters;

import io.millrace.hub.format.Listing;
import io.millrace.schemas.avro.DeadLetter;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Dead letters on a terminal. */
final class LetterPrinter {
    private static final int SHORT = 8;

    static final Listing<DeadLetter> LISTING = Listing.<DeadLetter>of("no dead letters")
            .with("id", DeadLetter::getId, letter -> letter.getId().substring(0, SHORT))
            .with(
                    "at",
                    DeadLetter::getAt,
                    letter -> letter.getAt().truncatedTo(ChronoUnit.SECONDS).toString())
            .with("state", LetterPrinter::state)
            .with("stage", DeadLetter::getOrigin)
            .with("reason", DeadLetter::getReason)
            .withHidden("lane", DeadLetter::getLane)
            .withHidden("subject", DeadLetter::getSubject)
            .withHidden("remedy", DeadLetter::getRemedy);

    private LetterPrinter() {}

    static void show(PrintWriter out, DeadLetter letter, String content) {
        out.println("id        " + letter.getId());
        out.println("stage     " + letter.getOrigin() + ", lane " + letter.getLane());
        out.println("state     " + state(letter) + " since " + letter.getAt());
        out.println("subject   " + letter.getSubject());
        out.println("reason    " + letter.getReason());
        out.println("remedy    " + letter.getRemedy());
        if (!content.isEmpty()) {
            out.println("content   " + content);
        }
    }

    private static String state(DeadLetter letter) {
        return letter.getState().name().toLowerCase(Locale.ROOT);
    }
}
