package io.millrace.platform.loop;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does a step again and again, on threads of its own, until it is closed. A step that fails is told of and done again: no thread ends silently. */
public final class Loop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final Step step;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Thread> threads;

    /** One step. */
    public interface Step {
        /** Returns after how long the next one is due. */
        Duration next() throws InterruptedException;
    }

    /** @param name of the thread, and of the work in messages */
    public Loop(String name, Step step) {
        this(name, 1, step);
    }

    /** @param concurrency threads that each do the step */
    public Loop(String name, int concurrency, Step step) {
        this.step = step;
        this.threads = IntStream.rangeClosed(1, concurrency)
                .mapToObj(number -> Thread.ofPlatform()
                        .daemon()
                        .name(concurrency == 1 ? name : name + "-" + number)
                        .unstarted(this::run))
                .toList();
    }

    public void start() {
        threads.forEach(Thread::start);
    }

    private void run() {
        try {
            boolean closed = closed();
            while (!closed) {
                closed = pause(next());
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration next() throws InterruptedException {
        try {
            return step.next();
        } catch (RuntimeException | Error failed) {
            LOG.error(
                    "{}: it failed, and is tried again", Thread.currentThread().getName(), failed);
            return AFTER_FAILURE;
        }
    }

    /** Whether there is to be no other step. */
    public boolean closed() {
        return closing.getCount() == 0;
    }

    /** Waits, but not beyond the close; returns whether it came. */
    public boolean pause(Duration time) throws InterruptedException {
        return closing.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** No other step after the present one. Does not wait for it. */
    public void end() {
        closing.countDown();
    }

    /** Ends after the present step. */
    @Override
    public void close() {
        end();
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
