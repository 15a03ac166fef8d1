package io.millrace.embedded;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server beside this JVM that never outlives it, also when this JVM is killed: a watchdog holds the read end of a pipe
 * whose write end only this JVM has, and ends the server when the pipe closes.
 */
public final class ChildProcess implements AutoCloseable {
    /**
     * The shell's stdin is the pipe, kept as descriptor 3 of the part that reads it. When the pipe closes, the server is
     * asked to end, then made to, after 30 s: a JVM that writes a class archive when it ends takes 10 s and more for that.
     */
    private static final String WATCHDOG = """
            signal="$1"; shift
            exec 3<&0 </dev/null
            "$@" 3<&- >&2 &
            child=$!
            echo "$child"
            (
              while read -r ignored <&3; do :; done
              kill -s "$signal" "$child" 2>/dev/null
              n=0
              while kill -0 "$child" 2>/dev/null && [ $n -lt 300 ]; do n=$((n+1)); sleep 0.1; done
              kill -s KILL "$child" 2>/dev/null
            ) >&2 &
            exec 1>&2 3<&-
            wait "$child"
            """;

    private final String name;
    private final Process watchdog;
    private final long pid;
    private final Path log;

    private ChildProcess(String name, Process watchdog, long pid, Path log) {
        this.name = name;
        this.watchdog = watchdog;
        this.pid = pid;
        this.log = log;
    }

    /**
     * @param signal how the server is asked to end, e.g. {@code TERM}
     * @param log takes what the server prints
     */
    public static ChildProcess start(
            String name, List<String> command, Map<String, String> environment, String signal, Path log) {
        List<String> whole = new ArrayList<>(List.of("/bin/sh", "-c", WATCHDOG, "watchdog", signal));
        whole.addAll(command);
        ProcessBuilder builder =
                new ProcessBuilder(whole).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            String first = process.inputReader().readLine();
            if (first == null) {
                throw new MillraceException(
                        Category.RESOURCE, "cannot start " + name + ": " + tail(log), "see " + log + " for the reason");
            }
            return new ChildProcess(name, process, Long.parseLong(first.strip()), log);
        } catch (IOException failed) {
            throw new MillraceException(
                    Category.RESOURCE,
                    "cannot start " + name + ": " + failed.getMessage(),
                    "check that /bin/sh exists and that processes can be started",
                    failed);
        }
    }

    public long pid() {
        return pid;
    }

    public boolean alive() {
        return watchdog.isAlive() && ProcessHandle.of(pid).isPresent();
    }

    /** The end of what the server printed. */
    public String lastWords() {
        return tail(log);
    }

    /** Asks the server to end by closing the pipe, and waits. */
    @Override
    public void close() {
        try {
            watchdog.outputWriter().close();
        } catch (IOException alreadyClosed) {
            // The watchdog has ended by itself: nothing to tell it.
        }
        awaitEnd(Duration.ofSeconds(40));
    }

    /** Sends processes a signal, such as {@code QUIT}; those that have ended are skipped. */
    public static void signal(String name, List<Long> pids) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        pids.forEach(pid -> command.add(Long.toString(pid)));
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the server as a crash would. */
    public void kill() {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        awaitEnd(Duration.ofSeconds(20));
    }

    private void awaitEnd(Duration limit) {
        try {
            if (!watchdog.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                watchdog.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MillraceException(
                    Category.INTERNAL, "interrupted while " + name + " ended", "end process " + pid, interrupted);
        }
    }

    private static String tail(Path log) {
        try {
            List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
