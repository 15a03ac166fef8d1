package io.millrace.enrichment.llm;

import java.time.Duration;
import java.util.Map;

/** Answers questions. Tries once: who asks decides about another try. Thread-safe. */
public interface Llm {
    /**
     * @param system what holds for every question
     * @param schema of the answer, as JSON Schema
     */
    record Question(
            String model, String system, String text, Map<String, Object> schema, int maxTokens, Duration deadline) {}

    /** Never throws for what a provider may answer. */
    Answer ask(Question question);
}
