package io.millrace.hub.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.hub.config.Role;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LateRoleTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** A part that is ready at once. */
    private record Started(AtomicBoolean closed) implements LateRole.Part {
        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public String detail() {
            return "works";
        }

        @Override
        public void close() {
            closed.set(true);
        }
    }

    /** Not only exceptions: a class that is missing, or memory that is used up, must not leave the role starting for ever. */
    @Test
    void errorWhileARoleStarts_endsIt() {
        LateRole role = LateRole.of(Role.NOTIFICATIONS, () -> {
            throw new NoClassDefFoundError("jakarta/mail/Session");
        });
        role.begin();
        await().atMost(LIMIT).until(() -> role.end().isCompletedExceptionally());
        assertThat(role.ready()).isFalse();
        assertThat(role.end().exceptionNow()).hasMessage("jakarta/mail/Session");
    }

    @Test
    void roleThatIsClosedWhileItStarts_closesWhatItStarted() throws InterruptedException {
        CountDownLatch closing = new CountDownLatch(1);
        CountDownLatch starting = new CountDownLatch(1);
        Started started = new Started(new AtomicBoolean());
        LateRole role = LateRole.of(Role.NOTIFICATIONS, () -> {
            starting.countDown();
            try {
                closing.await();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
            return started;
        });
        role.begin();
        starting.await();
        assertThat(role.detail()).isEqualTo("starting, after the others");
        role.close();
        closing.countDown();
        await().atMost(LIMIT).untilTrue(started.closed());
        assertThat(role.ready()).isFalse();
    }

    @Test
    void roleThatHasStarted_tellsWhatItDoes() {
        Started started = new Started(new AtomicBoolean());
        LateRole role = LateRole.of(Role.NOTIFICATIONS, () -> started);
        role.begin();
        await().atMost(LIMIT).until(role::ready);
        assertThat(role.detail()).isEqualTo("works");
        role.close();
        assertThat(started.closed()).isTrue();
        assertThat(role.end()).isCompleted();
    }
}
