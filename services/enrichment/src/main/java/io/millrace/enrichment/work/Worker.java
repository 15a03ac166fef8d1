package io.millrace.enrichment.work;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.millrace.enrichment.Enricher;
import io.millrace.enrichment.Enricher.Prepared;
import io.millrace.enrichment.Enricher.Result;
import io.millrace.enrichment.ledger.KeptAnswers;
import io.millrace.enrichment.ledger.Questions;
import io.millrace.enrichment.ledger.Questions.Due;
import io.millrace.enrichment.ledger.Questions.Settled;
import io.millrace.enrichment.llm.Answer.Action;
import io.millrace.enrichment.llm.LlmProviders;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.ledger.Availability;
import io.millrace.platform.loop.Loop;
import io.millrace.platform.metrics.HubMetric;
import io.millrace.platform.trace.Trace;
import io.opentelemetry.api.trace.Span;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks what is due, some questions at once, on threads of its own: it delays nothing but answers. */
final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final Duration LEDGER_AWAY = Duration.ofSeconds(1);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration PAGED = Duration.ofMinutes(5);
    private static final Duration OPEN = Duration.ofSeconds(15);
    private static final int LONGEST_PAUSE = 5;
    /** A provider that wants to be left alone for longer is asked after so long. */
    private static final Duration LONGEST_WISH = Duration.ofHours(1);

    /** A question that nobody answered for so long is given up. */
    private static final Duration LONGEST = Duration.ofHours(24);

    private static final String NOT_NOW = "the LLM is not asked now";

    private final Questions questions;
    private final Enricher enricher;
    private final Map<String, Recipe> recipes;
    private final Map<String, CircuitBreaker> breakers = new ConcurrentSkipListMap<>();
    private final Loop loop;
    private final Duration lookAgain;
    private volatile String detail = "starting";

    /** @param concurrency questions that are asked at once */
    Worker(Questions questions, Enricher enricher, Map<String, Recipe> recipes, int concurrency) {
        this.questions = questions;
        this.enricher = enricher;
        this.recipes = recipes;
        recipes.values().forEach(recipe -> breaker(recipe.model()));
        this.loop = new Loop("enrichment", concurrency, this::next);
        // All of them together ask the ledger as often as one would.
        this.lookAgain = LOOK_AGAIN.multipliedBy(concurrency);
    }

    /** Of the provider that has the model. */
    private CircuitBreaker breaker(String model) {
        return breakers.computeIfAbsent(
                LlmProviders.provider(model),
                provider -> CircuitBreaker.of(
                        provider,
                        CircuitBreakerConfig.custom()
                                .slidingWindowSize(10)
                                .minimumNumberOfCalls(4)
                                .failureRateThreshold(50)
                                .waitDurationInOpenState(OPEN)
                                .permittedNumberOfCallsInHalfOpenState(1)
                                .build()));
    }

    void start() {
        questions.startWork();
        loop.start();
    }

    /** Returns how long there is nothing to do. */
    private Duration next() throws InterruptedException {
        Optional<Due> due;
        try {
            due = questions.take();
        } catch (JdbiException away) {
            detail = "the ledger is unreachable: " + away.getMessage();
            LOG.warn("enrichment: {}", detail);
            return LEDGER_AWAY;
        }
        if (due.isPresent()) {
            answerOrPutBack(due.get());
        }
        detail = breakers.values().stream()
                .map(breaker -> Availability.of(breaker.getName(), breaker))
                .collect(Collectors.joining(", "));
        return due.isPresent() ? Duration.ZERO : lookAgain;
    }

    /** It must not stay at the LLM: there it would be taken for a killed hub's. */
    private void answerOrPutBack(Due due) throws InterruptedException {
        try {
            answer(due);
        } catch (RuntimeException failed) {
            LOG.error("enrichment: {} could not be asked about {}", due.recipe(), due.subject(), failed);
            Settled settled = failed(new Result.Failed(Action.RETRY, "it could not be asked: " + failed, null), due);
            writeDown(due, () -> settle(due, settled));
        }
    }

    private void answer(Due due) throws InterruptedException {
        Recipe recipe = recipes.get(due.recipe());
        if (recipe == null) {
            settle(due, unanswered("failed", "there is no recipe of this name any more"));
            return;
        }
        Prepared prepared = Enricher.prepare(recipe, due.input());
        Optional<KeptAnswers.Answer> known = questions.kept().find(prepared.key());
        if (known.isPresent()) {
            Result result =
                    Enricher.checked(prepared, known.get().json(), known.get().model(), "", 0);
            settle(due, settled(result, due, true));
        } else {
            Optional<Prepared> askable = ways(prepared)
                    .filter(way -> breaker(way).tryAcquirePermission())
                    .findFirst();
            if (askable.isEmpty()) {
                settle(due, new Settled("deferred", Map.of(), null, 0, false, NOT_NOW, false, OPEN));
                return;
            }
            String spent = reserve(due, askable.get(), recipe.budget());
            if (spent.isEmpty()) {
                ask(due, askable.get());
            } else {
                settle(due, unanswered("over_budget", spent + " is spent"));
            }
        }
    }

    /** What is not asked gives back what its breaker permitted. */
    private String reserve(Due due, Prepared prepared, Recipe.Budget budget) {
        boolean reserved = false;
        try {
            String spent = questions.reserve(due, prepared.estimate(), budget);
            reserved = spent.isEmpty();
            return spent;
        } finally {
            if (!reserved) {
                breaker(prepared).releasePermission();
            }
        }
    }

    private CircuitBreaker breaker(Prepared way) {
        return breaker(way.question().model());
    }

    /** The model, and the fallback if there is one. */
    private static Stream<Prepared> ways(Prepared prepared) {
        String fallback = prepared.recipe().fallback();
        return fallback.isEmpty() ? Stream.of(prepared) : Stream.of(prepared, prepared.toModel(fallback));
    }

    private void ask(Due due, Prepared prepared) throws InterruptedException {
        Span span = Trace.next("enrichment.ask", due.trace())
                .setAttribute("millrace.recipe", due.recipe())
                .setAttribute("gen_ai.request.model", prepared.question().model());
        try {
            Result result = askOne(prepared);
            Optional<Prepared> other = ways(prepared)
                    .skip(1)
                    .filter(way -> result instanceof Result.Failed failed && passesOn(failed, prepared, way))
                    .filter(way -> breaker(way).tryAcquirePermission())
                    .findFirst();
            Result last = other.isPresent() ? askOne(other.get()) : result;
            Settled settled = settled(last, due, false);
            span.setAttribute("millrace.state", settled.state());
            // What was paid for is known here only.
            writeDown(due, () -> {
                if (last instanceof Result.Done done) {
                    questions.kept().keep(prepared.key(), new KeptAnswers.Answer(done.json(), done.model()));
                }
                settle(due, settled);
            });
        } finally {
            span.end();
        }
    }

    /** Again until the ledger takes it. */
    private void writeDown(Due due, Runnable write) throws InterruptedException {
        boolean written = false;
        while (!written) {
            try {
                write.run();
                written = true;
            } catch (JdbiException away) {
                LOG.warn(
                        "enrichment: what became of {} about {} cannot be written down now: {}",
                        due.recipe(),
                        due.subject(),
                        away.getMessage());
                written = loop.pause(LEDGER_AWAY);
            }
        }
    }

    /** A model that is busy has another beside it; an account that is refused, only at another provider. */
    private static boolean passesOn(Result.Failed failed, Prepared asked, Prepared other) {
        String model = asked.question().model();
        String fallback = other.question().model();
        return !model.equals(fallback)
                && (failed.action() == Action.FALL_BACK
                        || failed.action() == Action.STOP_AND_PAGE
                                && !LlmProviders.provider(model).equals(LlmProviders.provider(fallback)));
    }

    /** Its breaker has permitted it. */
    private Result askOne(Prepared prepared) {
        CircuitBreaker breaker = breaker(prepared);
        long begun = System.nanoTime();
        Result result;
        try {
            result = enricher.ask(prepared);
        } catch (RuntimeException unexpected) {
            breaker.onError(System.nanoTime() - begun, TimeUnit.NANOSECONDS, unexpected);
            throw unexpected;
        }
        long took = System.nanoTime() - begun;
        if (result instanceof Result.Failed failed && failed.action() != Action.PERMANENT) {
            breaker.onError(took, TimeUnit.NANOSECONDS, new IllegalStateException(failed.detail()));
            if (failed.action() == Action.STOP_AND_PAGE) {
                LOG.error(
                        "enrichment: {} refuses this account, somebody must act: {}",
                        breaker.getName(),
                        failed.detail());
                breaker.transitionToOpenStateFor(PAGED);
            }
        } else {
            breaker.onSuccess(took, TimeUnit.NANOSECONDS);
        }
        return result;
    }

    private void settle(Due due, Settled settled) {
        questions.settle(due, settled);
        HubMetric.ENRICHMENT_ANSWERS
                .counter(due.recipe(), settled.state(), Boolean.toString(settled.cached()))
                .increment();
        HubMetric.ENRICHMENT_COST.counter(due.recipe()).increment(settled.cost());
    }

    private static Settled settled(Result result, Due due, boolean cached) {
        return switch (result) {
            case Result.Done done ->
                new Settled("done", done.fields(), done.model(), done.cost(), cached, null, !cached, Duration.ZERO);
            case Result.Refused refused ->
                new Settled(
                        "refused",
                        Map.of(),
                        refused.model(),
                        refused.cost(),
                        cached,
                        "the model does not answer this",
                        !cached,
                        Duration.ZERO);
            case Result.Rejected rejected ->
                new Settled(
                        "rejected",
                        Map.of(),
                        null,
                        rejected.cost(),
                        cached,
                        rejected.problem(),
                        !cached,
                        Duration.ZERO);
            case Result.Failed failed -> failed(failed, due);
        };
    }

    private static Settled failed(Result.Failed failed, Due due) {
        return switch (failed.action()) {
            case PERMANENT -> unanswered("failed", failed.detail());
            case STOP_AND_PAGE -> deferred(failed.detail(), PAGED);
            case RETRY, FALL_BACK ->
                Duration.between(due.due(), Instant.now()).compareTo(LONGEST) > 0
                        ? unanswered("failed", failed.detail())
                        : deferred(failed.detail(), pause(failed, due.attempt()));
        };
    }

    /** As the provider says, if it does. */
    private static Duration pause(Result.Failed failed, int attempt) {
        Long seconds = failed.retryAfterSeconds();
        return seconds == null ? jitter(attempt) : Duration.ofSeconds(Math.min(seconds, LONGEST_WISH.toSeconds()));
    }

    /** Anywhere between nothing and twice as long as before, up to a minute. */
    private static Duration jitter(int attempt) {
        return Duration.ofMillis(
                ThreadLocalRandom.current().nextLong(1, FIRST_PAUSE.toMillis() << Math.min(attempt, LONGEST_PAUSE)));
    }

    private static Settled unanswered(String state, String detail) {
        return new Settled(state, Map.of(), null, 0, false, detail, true, Duration.ZERO);
    }

    private static Settled deferred(@Nullable String detail, Duration again) {
        return new Settled("deferred", Map.of(), null, 0, false, detail, true, again);
    }

    String detail() {
        return detail;
    }

    /** Ends after the questions that are being asked. */
    @Override
    public void close() {
        loop.close();
    }
}
