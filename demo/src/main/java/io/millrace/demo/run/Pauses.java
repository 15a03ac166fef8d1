package io.millrace.demo.run;

import io.millrace.embedded.EmbeddedStack;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Stops processes for a while, as a machine without time for them does: the hub, the broker, Postgres, the registry, one or two at once,
 * in random order, for 1 to 60 s each (SIGSTOP and SIGCONT). They do not know of it: connections stay, time limits pass.
 */
final class Pauses implements Disturbance {
    private static final Duration BETWEEN = Duration.ofSeconds(10);
    private static final int SHORTEST_MS = 1_000;

    private final HubChild hub;
    private final Duration longest;
    private final Map<String, LongSupplier> processes = new LinkedHashMap<>();
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().name("pauses").unstarted(this::run);
    private final List<String> done = new ArrayList<>();
    private volatile @Nullable RuntimeException failure;

    private Pauses(HubChild hub, EmbeddedStack stack, Duration longest) {
        this.hub = hub;
        this.longest = longest;
        processes.put("hub", hub::pid);
        processes.put("kafka", stack.kafka()::pid);
        processes.put("postgres", stack.postgres()::pid);
        processes.put("registry", stack.registry()::pid);
    }

    static Pauses start(HubChild hub, EmbeddedStack stack, Duration longest) {
        Pauses pauses = new Pauses(hub, stack, longest);
        pauses.thread.start();
        return pauses;
    }

    private void run() {
        try {
            while (!stopping.await(random.nextLong(BETWEEN.toMillis()), TimeUnit.MILLISECONDS)) {
                List<String> names = new ArrayList<>(processes.keySet());
                java.util.Collections.shuffle(names);
                List<String> chosen = names.subList(0, random.nextInt(4) == 0 ? 2 : 1);
                long millis = SHORTEST_MS + random.nextLong(Math.max(1, longest.toMillis() - SHORTEST_MS));
                pause(chosen, millis);
                hub.assertAlive();
            }
        } catch (RuntimeException failed) {
            failure = failed;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void pause(List<String> chosen, long millis) throws InterruptedException {
        done.add(String.format(
                Locale.ROOT,
                "%s %s %.1f s",
                LocalTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS),
                String.join(" and ", chosen),
                millis / 1_000.0));
        chosen.forEach(name -> signal("STOP", name));
        try {
            boolean ignored = stopping.await(millis, TimeUnit.MILLISECONDS);
        } finally {
            chosen.forEach(name -> signal("CONT", name));
        }
    }

    /** To the process and its children: Postgres is many. */
    private void signal(String signal, String name) {
        long pid = java.util.Objects.requireNonNull(processes.get(name)).getAsLong();
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal, Long.toString(pid)));
        ProcessHandle.of(pid)
                .ifPresent(process -> process.descendants().forEach(child -> command.add(Long.toString(child.pid()))));
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException failed) {
            throw new MillraceException(
                    Category.RESOURCE, "cannot pause " + name + ": " + failed, "install kill", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Optional<RuntimeException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public int kills() {
        return 0;
    }

    @Override
    public String figures() {
        return done.size() + " pauses: " + String.join(", ", done);
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw failure;
        }
        hub.awaitReady();
    }
}
