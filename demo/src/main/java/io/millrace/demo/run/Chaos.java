package io.millrace.demo.run;

import io.millrace.embedded.EmbeddedStack;
import java.time.Duration;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Kills the hub with -9 again and again, on average 5 s after it has become ready, every fourth time before; every fifth
 * time the broker is killed too, or Postgres restarted, in turn; which is first is left to chance.
 */
final class Chaos extends Disturbance {
    private static final Duration LONGEST_LIFE = Duration.ofSeconds(10);
    private static final Duration LONGEST_START = Duration.ofSeconds(6);
    private static final int BEFORE_READY = 4;
    private static final int SERVER_TOO = 5;

    private final HubChild hub;
    private final EmbeddedStack stack;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private boolean brokerNext = random.nextBoolean();
    private int kills;
    private int killsBeforeReady;
    private int brokerKills;
    private int postgresRestarts;

    private Chaos(HubChild hub, EmbeddedStack stack) {
        super("chaos", stack);
        this.hub = hub;
        this.stack = stack;
    }

    static Chaos start(HubChild hub, EmbeddedStack stack) {
        Chaos chaos = new Chaos(hub, stack);
        chaos.start();
        return chaos;
    }

    @Override
    void disturb() throws InterruptedException {
        while (true) {
            boolean early = (kills + 1) % BEFORE_READY == 0;
            if (!early) {
                hub.awaitReady();
            }
            if (stops(random.nextLong((early ? LONGEST_START : LONGEST_LIFE).toMillis()))) {
                break;
            }
            hub.kill();
            kills++;
            killsBeforeReady += early ? 1 : 0;
            noteQuestions();
            if (kills % SERVER_TOO == 0) {
                restartServer();
            }
            hub.restart();
        }
        hub.awaitReady();
    }

    private void restartServer() {
        if (brokerNext) {
            stack.kafka().kill();
            stack.kafka().start();
            brokerKills++;
        } else {
            stack.postgres().stop();
            stack.postgres().start();
            postgresRestarts++;
        }
        brokerNext = !brokerNext;
    }

    @Override
    String figures() {
        return String.format(
                Locale.ROOT,
                "%d kills of the hub (%d before it was ready), %d of the broker, %d restarts of Postgres",
                kills,
                killsBeforeReady,
                brokerKills,
                postgresRestarts);
    }
}
