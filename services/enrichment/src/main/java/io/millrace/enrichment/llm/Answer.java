package io.millrace.enrichment.llm;

import org.jspecify.annotations.Nullable;

/** What came of one try. */
public sealed interface Answer {
    /**
     * @param json as the schema wants it, as far as the provider saw to it
     * @param id of the request, as the provider names it
     */
    record Given(String json, String model, long inputTokens, long outputTokens, String id) implements Answer {}

    /** The model does not answer this. */
    record Refused(String model, long inputTokens, long outputTokens, String id) implements Answer {}

    /** The answer did not fit into the tokens that it was allowed. */
    record Truncated(long inputTokens, long outputTokens) implements Answer {}

    /** No answer. */
    record Failed(Action action, String detail, @Nullable Long retryAfterSeconds) implements Answer {
        public Failed(Action action, String detail) {
            this(action, detail, null);
        }
    }

    /** What follows from a failure: whose fault it is decides. */
    enum Action {
        /** It passes: the same question again, a little later. */
        RETRY,
        /** The model has too much to do: again, or another model. */
        FALL_BACK,
        /** The account's fault (key, payment, spend limit): nobody is asked for a while, and somebody must act. */
        STOP_AND_PAGE,
        /** The question's fault: never again. */
        PERMANENT
    }
}
