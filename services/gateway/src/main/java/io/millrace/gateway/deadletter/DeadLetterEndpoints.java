package io.millrace.gateway.deadletter;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Parameter;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.access.Permission;
import io.millrace.operations.deadletters.DeadLetters;
import io.millrace.operations.deadletters.LetterDecision;
import io.millrace.operations.deadletters.LetterFilter;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterActionKind;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerResponse;
import tools.jackson.databind.JsonNode;

/** {@code /dead-letters}: what could not be processed, and what people decide about it. */
public final class DeadLetterEndpoints {
    private static final int MOST_IDS = 100;
    private static final int PER_SECOND = 50;
    private static final int LONGEST_REASON = 1_000;

    /** The topic is read as a whole: not for each request. */
    private static final Duration KEPT = Duration.ofSeconds(1);

    private static final List<String> WORDS = List.of("redrive", "discard");

    /** Which dead letters. */
    enum State {
        OPEN,
        ALL
    }

    private static final Parameter<State> STATE =
            Parameter.choice("state", State.OPEN, "Only those that are open, or all.");
    private static final Parameter<String> STAGE =
            Parameter.text("stage", "The stage that failed, such as mail, view, or view:stock_on_hand.");
    private static final Parameter<String> REASON = Parameter.text("reason", "Words of the reason, in any case.");
    private static final Parameter<Integer> LIMIT = Parameter.number("limit", 1, 1_000, 100, "At most so many.");
    private static final Parameter<String> LETTER = Parameter.form(
                    "letter", Pattern.compile("[0-9a-zA-Z_.:-]{4,100}"), "a dead letter's id", "The dead letter's id.")
            .inPath();

    private static final Map<String, Object> DEAD_LETTER = Schema.members(
            "id", Schema.text("The same fault has the same id."),
            "origin", Schema.text("Stage and part that failed, such as view:stock_on_hand."),
            "state",
                    Schema.text(
                            "open; healed: it went through after all; discarded: a person settled it without that."),
            "subject", Schema.text("What failed."),
            "reason", Schema.text("Why."),
            "remedy", Schema.text("What to do about it."),
            "source", Schema.text("The source's name."),
            "lane", Schema.number("The lane."),
            "lsn", Schema.text("Position in the source's log of the transaction that it was part of."),
            "at", Schema.time("When."));
    private static final Map<String, Object> WITH_CONTENT = Schema.members(
            "letter", DEAD_LETTER, "content", Schema.text("What could not be processed; empty if it is not kept."));
    private static final Map<String, Object> DECISION = Schema.needing(
            Schema.members(
                    "decision",
                            Schema.choice(
                                    "redrive: the stage that failed tries again; discard: it is settled without that.",
                                    WORDS),
                    "ids", Schema.array(Schema.text("A dead letter's id.")),
                    "why", Schema.nullable(Schema.text("Kept in the audit trail; needed to discard."))),
            "decision",
            "ids");

    private final Supplier<DeadLetters> letters;
    private final LoadingCache<String, List<DeadLetter>> all;

    /** @param letters is asked at each use */
    public DeadLetterEndpoints(Supplier<DeadLetters> letters) {
        this.letters = letters;
        this.all = Caffeine.newBuilder()
                .expireAfterWrite(KEPT)
                .build(key -> letters.get().all());
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.get(
                        "/dead-letters",
                        "listDeadLetters",
                        Permission.DEAD_LETTERS_READ,
                        "Dead letters",
                        "What could not be processed, the newest first.",
                        List.of(STATE, STAGE, REASON, LIMIT),
                        Map.of(
                                "application/json",
                                Schema.members(
                                        "deadLetters", Schema.array(DEAD_LETTER),
                                        "count", Schema.number("How many there are, also beyond the limit."))),
                        List.of(),
                        this::list),
                Endpoint.get(
                        "/dead-letters/{letter}",
                        "getDeadLetter",
                        Permission.DEAD_LETTERS_READ,
                        "One dead letter",
                        "The dead letter, and what could not be processed.",
                        List.of(LETTER),
                        Map.of("application/json", WITH_CONTENT),
                        List.of(Problem.Kind.NOT_FOUND),
                        this::one),
                Endpoint.post(
                        "/dead-letter-decisions",
                        "decideAboutDeadLetters",
                        Permission.DEAD_LETTERS_DECIDE,
                        "Redrive or discard dead letters",
                        "Answers with the dead letters after their stages did as they were told, or as they are after 15 seconds. What fails again stays open, with the"
                                + " new reason. Dead letters of views and tables resolve by themselves when the row or the view is corrected.",
                        List.of(),
                        DECISION,
                        Schema.list("deadLetters", DEAD_LETTER),
                        List.of(Problem.Kind.NOT_FOUND, Problem.Kind.CONFLICT),
                        this::decide));
    }

    private ServerResponse list(Call call) {
        LetterFilter filter = new LetterFilter(
                call.optional(STAGE).orElse(null), call.optional(REASON).orElse(null), null);
        List<DeadLetter> found = all.get("").stream()
                .filter(letter ->
                        (call.get(STATE) == State.ALL || DeadLetters.isOpen(letter)) && filter.matches(letter))
                .toList();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put(
                "deadLetters",
                found.stream()
                        .limit(call.get(LIMIT))
                        .map(DeadLetterEndpoints::described)
                        .toList());
        answer.put("count", found.size());
        return Answers.json(answer, headers -> {});
    }

    private ServerResponse one(Call call) {
        DeadLetter letter = all.get("").stream()
                .filter(each -> each.getId().equals(call.get(LETTER)))
                .findFirst()
                .orElseThrow(() -> notFound(call.get(LETTER)));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("letter", described(letter));
        answer.put("content", letters.get().content(letter));
        return Answers.json(answer, headers -> {});
    }

    private static Problem notFound(String id) {
        return new Problem(
                Problem.Kind.NOT_FOUND,
                "there is no dead letter " + id,
                "GET /api/v1/dead-letters?state=all lists them");
    }

    private ServerResponse decide(Call call) throws IOException {
        JsonNode body = call.body();
        String word = call.word(body, "decision", WORDS);
        List<String> ids = call.texts(body, "ids", MOST_IDS).stream().distinct().toList();
        Optional<String> why = call.text(body, "why", LONGEST_REASON);
        DeadLetterActionKind kind = DeadLetterActionKind.valueOf(word.toUpperCase(Locale.ROOT));
        if (kind == DeadLetterActionKind.DISCARD && why.isEmpty()) {
            throw call.badBody("'discard' needs a 'why'");
        }
        List<String> known = letters.get().all().stream().map(DeadLetter::getId).toList();
        ids.stream().filter(id -> !known.contains(id)).findFirst().ifPresent(unknown -> {
            throw notFound(unknown);
        });
        try {
            List<DeadLetter> now = letters.get()
                    .decide(
                            letters.get().choose(ids),
                            new LetterDecision(kind, call.by(), why.orElse(null), PER_SECOND));
            all.invalidateAll();
            return Answers.json(
                    Map.of(
                            "deadLetters",
                            now.stream().map(DeadLetterEndpoints::described).toList()),
                    headers -> {});
        } catch (MillraceException undecidable) {
            if (undecidable.category() != Category.USER) {
                throw undecidable;
            }
            throw new Problem(Problem.Kind.CONFLICT, String.valueOf(undecidable.getMessage()), undecidable.remedy());
        }
    }

    private static Map<String, @Nullable Object> described(DeadLetter letter) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("id", letter.getId());
        described.put("origin", letter.getOrigin());
        described.put("state", letter.getState().name().toLowerCase(Locale.ROOT));
        described.put("subject", letter.getSubject());
        described.put("reason", letter.getReason());
        described.put("remedy", letter.getRemedy());
        described.put("source", letter.getSource());
        described.put("lane", letter.getLane());
        described.put("lsn", new Lsn(letter.getCommitLsn()).toString());
        described.put("at", letter.getAt().toString());
        return described;
    }
}
