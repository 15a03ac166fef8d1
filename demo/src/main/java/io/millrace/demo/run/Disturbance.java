package io.millrace.demo.run;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What is done to the hub and its servers while the business trades, on a thread of its own. */
abstract class Disturbance implements AutoCloseable {
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable RuntimeException failure;

    /** @param name of the thread */
    Disturbance(String name) {
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    final void start() {
        thread.start();
    }

    private void run() {
        try {
            disturb();
        } catch (RuntimeException failed) {
            failure = failed;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until it is to stop; the hub is ready then. */
    abstract void disturb() throws InterruptedException;

    /** Waits; true if it is to stop. */
    final boolean stops(long withinMillis) throws InterruptedException {
        return stopping.await(withinMillis, TimeUnit.MILLISECONDS);
    }

    /** Why it could not go on. */
    final Optional<RuntimeException> failure() {
        return Optional.ofNullable(failure);
    }

    /** How many questions to the LLM were on their way when the hub was killed: each of them may be paid twice. */
    abstract int interruptedQuestions();

    /** What was done, in a line. */
    abstract String figures();

    /** Ends; the hub is ready then. */
    @Override
    public final void close() {
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
