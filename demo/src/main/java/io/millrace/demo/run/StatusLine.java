package io.millrace.demo.run;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;

/** Figures that are rewritten in place on a terminal, and printed every five seconds elsewhere. */
final class StatusLine {
    private static final Duration WITHOUT_TERMINAL = Duration.ofSeconds(5);

    private final PrintWriter out;
    private final boolean terminal =
            Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    private long printedAt = System.nanoTime();

    StatusLine(PrintWriter out) {
        this.out = out;
    }

    void show(String figures) {
        if (terminal) {
            out.print("\r\033[K" + figures);
            out.flush();
        } else if (System.nanoTime() - printedAt >= WITHOUT_TERMINAL.toNanos()) {
            printedAt = System.nanoTime();
            out.println(figures);
            out.flush();
        }
    }

    /** Ends the line, so that what follows stands below it. */
    void end() {
        if (terminal) {
            out.println();
            out.flush();
        }
    }
}
