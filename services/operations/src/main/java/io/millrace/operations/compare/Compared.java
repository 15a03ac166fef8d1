package io.millrace.operations.compare;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a view is beside its query at the source. */
public sealed interface Compared {
    String view();

    /**
     * They have the same rows.
     *
     * @param undecided keys that changed in each look, so that nothing is known of them
     */
    record Equal(String view, long rows, long undecided) implements Compared {}

    /**
     * They differ, and not for a moment: in three looks, between which the view had everything that the source had, nothing changed.
     *
     * @param rows of the source
     * @param differences how many keys, of the first 10,000 that differed
     * @param examples some of them
     */
    record Different(String view, long rows, long differences, List<Example> examples) implements Compared {}

    /** It cannot be compared, and why. */
    record Unknown(String view, String why) implements Compared {}

    /**
     * A key with what it has on either side, as Postgres prints rows.
     *
     * @param source null if the row is not there
     * @param stored null if the row is not there
     */
    record Example(
            String key, @Nullable String source, @Nullable String stored) {}
}
