package io.millrace.demo.run;

import io.millrace.embedded.ChildProcess;
import io.millrace.embedded.EmbeddedStack;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Stops processes for a while, as a machine without time for them does: the hub, the broker, Postgres, the registry, one or two at once,
 * in random order, for 1 to 60 s each (SIGSTOP and SIGCONT). They do not know of it: connections stay, time limits pass.
 */
final class Pauses extends Disturbance {
    private static final Duration BETWEEN = Duration.ofSeconds(10);
    private static final int SHORTEST_MS = 1_000;

    private final HubChild hub;
    private final Duration longest;
    private final Map<String, LongSupplier> processes = new LinkedHashMap<>();
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final List<String> done = new ArrayList<>();

    private Pauses(HubChild hub, EmbeddedStack stack, Duration longest) {
        super("pauses", stack);
        this.hub = hub;
        this.longest = longest;
        processes.put("hub", hub::pid);
        processes.put("kafka", stack.kafka()::pid);
        processes.put("postgres", stack.postgres()::pid);
        processes.put("registry", stack.registry()::pid);
    }

    static Pauses start(HubChild hub, EmbeddedStack stack, Duration longest) {
        Pauses pauses = new Pauses(hub, stack, longest);
        pauses.start();
        return pauses;
    }

    @Override
    void disturb() throws InterruptedException {
        while (!stops(random.nextLong(BETWEEN.toMillis()))) {
            List<String> names = new ArrayList<>(processes.keySet());
            Collections.shuffle(names);
            List<String> chosen = names.subList(0, random.nextInt(4) == 0 ? 2 : 1);
            pause(chosen, SHORTEST_MS + random.nextLong(Math.max(1, longest.toMillis() - SHORTEST_MS)));
            hub.assertAlive();
        }
        hub.awaitReady();
    }

    private void pause(List<String> chosen, long millis) throws InterruptedException {
        done.add(String.format(
                Locale.ROOT,
                "%s %s %.1f s",
                LocalTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS),
                String.join(" and ", chosen),
                millis / 1_000.0));
        // While the hub or Postgres stands, none begins: those of before, and of the moments around.
        noteQuestions();
        chosen.forEach(name -> signal("STOP", name));
        try {
            boolean ignored = stops(millis);
        } finally {
            chosen.forEach(name -> signal("CONT", name));
        }
        noteQuestions();
    }

    /** To the process and its children: Postgres is many. */
    private void signal(String signal, String name) {
        long pid = Objects.requireNonNull(processes.get(name)).getAsLong();
        List<Long> all = new ArrayList<>(List.of(pid));
        ProcessHandle.of(pid).ifPresent(process -> process.descendants().forEach(child -> all.add(child.pid())));
        ChildProcess.signal(signal, all);
    }

    @Override
    String figures() {
        return done.size() + " pauses: " + String.join(", ", done);
    }
}
