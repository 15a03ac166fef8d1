package io.millrace.demo.run;

import io.millrace.embedded.EmbeddedStack;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Kills the hub with -9 again and again, on average 5 s after it has become ready, every fourth time before; every fifth
 * time the broker is killed too, or Postgres restarted, in turn; which is first is left to chance.
 */
final class Chaos implements Disturbance {
    private static final Duration LONGEST_LIFE = Duration.ofSeconds(10);
    private static final Duration LONGEST_START = Duration.ofSeconds(6);
    private static final int BEFORE_READY = 4;
    private static final int SERVER_TOO = 5;

    private final HubChild hub;
    private final EmbeddedStack stack;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().name("chaos").unstarted(this::run);
    private volatile @Nullable RuntimeException failure;
    private boolean brokerNext = random.nextBoolean();
    private int kills;
    private int killsBeforeReady;
    private int brokerKills;
    private int postgresRestarts;

    private Chaos(HubChild hub, EmbeddedStack stack) {
        this.hub = hub;
        this.stack = stack;
    }

    static Chaos start(HubChild hub, EmbeddedStack stack) {
        Chaos chaos = new Chaos(hub, stack);
        chaos.thread.start();
        return chaos;
    }

    private void run() {
        try {
            while (true) {
                boolean early = (kills + 1) % BEFORE_READY == 0;
                if (!early) {
                    hub.awaitReady();
                }
                if (pause(early ? LONGEST_START : LONGEST_LIFE)) {
                    break;
                }
                hub.kill();
                kills++;
                killsBeforeReady += early ? 1 : 0;
                if (kills % SERVER_TOO == 0) {
                    restartServer();
                }
                hub.restart();
            }
            hub.awaitReady();
        } catch (RuntimeException failed) {
            failure = failed;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
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

    /** A random time; true if it is to stop. */
    private boolean pause(Duration longest) throws InterruptedException {
        return stopping.await(random.nextLong(longest.toMillis()), TimeUnit.MILLISECONDS);
    }

    @Override
    public Optional<RuntimeException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public int kills() {
        return kills;
    }

    @Override
    public String figures() {
        return String.format(
                Locale.ROOT,
                "%d kills of the hub (%d before it was ready), %d of the broker, %d restarts of Postgres",
                kills,
                killsBeforeReady,
                brokerKills,
                postgresRestarts);
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
    }
}
