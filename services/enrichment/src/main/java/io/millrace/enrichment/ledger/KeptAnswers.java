package io.millrace.enrichment.ledger;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * Answers by what was asked: the same question is not paid for again, by any hub. All of them are in the ledger; those that were used
 * lately are in memory too, since a question of many subjects comes in a row.
 */
public final class KeptAnswers {
    /** About: characters, not what the objects around them take. */
    private static final int IN_MEMORY = 8 * 1024 * 1024;

    private final Jdbi jdbi;
    private final Cache<String, Answer> used = Caffeine.newBuilder()
            .maximumWeight(IN_MEMORY)
            .<String, Answer>weigher((key, answer) -> key.length() + answer.json.length() + answer.model.length())
            .build();

    /**
     * @param json as the model wrote it
     * @param model that wrote it
     */
    public record Answer(String json, String model) {}

    KeptAnswers(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** @param key of a question: what is asked, with tokens in the place of names */
    public Optional<Answer> find(String key) {
        return Optional.ofNullable(used.get(key, this::read));
    }

    private @org.jspecify.annotations.Nullable Answer read(String key) {
        return jdbi.withHandle(
                handle -> handle.createQuery("SELECT json, model FROM enrichment.answer WHERE key = :key")
                        .bind("key", key)
                        .map((row, context) -> new Answer(row.getString("json"), row.getString("model")))
                        .findOne()
                        .orElse(null));
    }

    /** Keeps an answer for the next time; the first one stays. */
    public void keep(String key, Answer answer) {
        jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO enrichment.answer (key, json, model) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                key,
                answer.json,
                answer.model));
    }
}
