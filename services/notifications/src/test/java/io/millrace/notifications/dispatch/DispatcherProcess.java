package io.millrace.notifications.dispatch;

import io.millrace.notifications.TestLedgers;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.provider.MailProvider;
import io.millrace.notifications.provider.SmtpProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/**
 * A dispatcher in a process of its own, to be killed. Arguments: the ledger's address and the ports of two SMTP servers. It ends
 * with its standard input.
 */
final class DispatcherProcess implements AutoCloseable {
    private static final Policy POLICY =
            new Policy(3, Duration.ofMillis(20), Duration.ofMillis(50), Duration.ofMillis(300));

    private final Process process;

    private DispatcherProcess(Process process) {
        this.process = process;
    }

    static DispatcherProcess start(String url, int first, int second) {
        try {
            return new DispatcherProcess(new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-Xmx128m",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            DispatcherProcess.class.getName(),
                            url,
                            Integer.toString(first),
                            Integer.toString(second))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** As {@code kill -9} does. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** The process itself. */
    public static void main(String[] arguments) throws IOException {
        List<MailProvider> providers = List.of(
                named("first", Integer.parseInt(arguments[1])), named("second", Integer.parseInt(arguments[2])));
        try (Ledger ledger = TestLedgers.open(arguments[0]);
                Dispatcher dispatcher = new Dispatcher(
                        ledger,
                        new Providers(providers, Providers.Guard.DEFAULT),
                        "from@example.test",
                        POLICY,
                        () -> {})) {
            dispatcher.start();
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }

    private static MailProvider named(String name, int port) {
        SmtpProvider smtp = new SmtpProvider(new SmtpProvider.Settings("127.0.0.1", port, "", "", false));
        return new MailProvider() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public boolean idempotent() {
                return false;
            }

            @Override
            public io.millrace.notifications.provider.Outcome send(io.millrace.notifications.provider.Mail mail) {
                return smtp.send(mail);
            }
        };
    }
}
