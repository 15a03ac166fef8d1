package io.millrace.demo.run;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What is done to the hub and its servers while the business trades, on a thread of its own. */
abstract class Disturbance implements AutoCloseable {
    private final EmbeddedStack stack;
    private final Set<String> questions = new HashSet<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable RuntimeException failure;

    /** @param name of the thread */
    Disturbance(String name, EmbeddedStack stack) {
        this.stack = stack;
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

    /** How many questions to the LLM were on their way when the hub or its ledger was interrupted: each of them may be paid twice. */
    final int interruptedQuestions() {
        return questions.size();
    }

    /** Questions are on their way now, which an interruption of the hub or its ledger concerns. One that is asked again has another version. */
    final void noteQuestions() {
        try (Connection connection = DriverManager.getConnection(
                        stack.postgres().jdbcUrl("analytics"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement();
                ResultSet made = statement.executeQuery("SELECT to_regclass('enrichment.question') IS NOT NULL")) {
            made.next();
            if (!made.getBoolean(1)) {
                return;
            }
            try (ResultSet row = statement.executeQuery("SELECT concat_ws(' ', recipe, subject, version)"
                    + " FROM enrichment.question WHERE state = 'asking'")) {
                while (row.next()) {
                    questions.add(row.getString(1));
                }
            }
        } catch (SQLException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot see which questions were being asked: " + failed.getMessage(),
                    "start again",
                    failed);
        }
    }

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
