package io.millrace.demo.run;

import java.util.Optional;

/** What is done to the hub and its servers while the business trades. */
interface Disturbance extends AutoCloseable {
    /** Why it could not go on. */
    Optional<RuntimeException> failure();

    /** How often the hub was killed. */
    int kills();

    /** What was done, in a line. */
    String figures();

    /** Ends; the hub is ready then. */
    @Override
    void close();
}
