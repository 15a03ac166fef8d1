package io.millrace.hub.doctor;

import io.millrace.platform.failure.MillraceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks at one part.
 *
 * @param part such as kafka
 * @param look finds what there is to say of it; what it throws is a problem
 */
record Checkup(String part, Callable<List<Finding>> look) {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** Looks at all parts at once, each for a few seconds at most; in the order given. */
    static List<Finding> all(List<Checkup> checkups) {
        List<CompletableFuture<List<Finding>>> answers = checkups.stream()
                .map(checkup -> CompletableFuture.supplyAsync(checkup::answer, Thread.ofVirtual()::start)
                        .orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                        .exceptionally(checkup::failed))
                .toList();
        List<Finding> findings = new ArrayList<>();
        answers.forEach(answer -> findings.addAll(answer.join()));
        return findings;
    }

    private List<Finding> answer() {
        try {
            return look.call();
        } catch (RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new CompletionException(failed);
        }
    }

    private List<Finding> failed(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return List.of(
                switch (cause) {
                    case MillraceException known ->
                        Finding.problem(part, String.valueOf(known.getMessage()), known.remedy());
                    case TimeoutException silent ->
                        Finding.problem(
                                part,
                                "no answer within " + LIMIT.toSeconds() + " s",
                                "see whether the server is overloaded or stopped, and whether a firewall drops packets");
                    default -> Finding.problem(part, Reason.of(cause), "see whether the server runs at this address");
                });
    }
}
