package io.millrace.gateway.view;

import io.millrace.gateway.http.Parameter;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** What subscriptions to views may say. */
final class LiveParameters {
    static final Parameter<String> VIEW =
            Parameter.text("view", "Name of the view.").mandatory();
    static final Parameter<String> AFTER = Parameter.form(
            "after",
            Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}"),
            "a position in the source's log, such as 0/1A2B3C8",
            "'lsn' of the last consistent state that the client has rows of, with the same columns and filters: only what changed since is sent, if that is known.");
    static final Parameter<String> GENERATION = Parameter.text("generation", "'generation' of those rows.");
    static final Parameter<Duration> EVERY = Parameter.seconds(
            "every", 60, 0, "Not more than one message in this time; each brings the rows to the newest state.");

    static final List<Parameter<?>> ALL = List.of(
            VIEW, ViewParameters.COLUMNS, ViewParameters.FILTER, ViewParameters.NUMBERS, AFTER, GENERATION, EVERY);

    private LiveParameters() {}
}
