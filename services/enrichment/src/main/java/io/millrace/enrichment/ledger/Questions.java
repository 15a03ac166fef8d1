package io.millrace.enrichment.ledger;

import io.millrace.enrichment.recipe.Recipe;
import io.millrace.ledger.LedgerDatabase;
import io.millrace.ledger.Outbox;
import io.millrace.ledger.Positions;
import io.millrace.ledger.Workers;
import io.millrace.platform.trace.Trace;
import io.millrace.schemas.avro.Enrichment;
import io.opentelemetry.api.trace.Span;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Every question and what became of it. A question is written down before it is asked, and its cost reserved. */
public final class Questions implements Outbox.Table<Enrichment>, AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final LedgerDatabase.Kind KIND =
            new LedgerDatabase.Kind("questions", "enrichment", "enrichment", "io/millrace/enrichment/ledger", 8);
    private static final String CHANGED = ", changed_at = clock_timestamp(), version = version + 1";
    private static final String THIS = " WHERE recipe = :recipe AND subject = :subject";
    /** What a recipe spent in all, as a tenant. */
    private static final String WHOLE = "";

    /** What a recipe spent this month, in all and on a tenant's records. */
    private static final String OF_MONTH =
            " WHERE recipe = :recipe AND tenant IN ('', :tenant)" + " AND month = date_trunc('month', now())";

    private final LedgerDatabase database;
    private final Jdbi jdbi;
    private final KeptAnswers kept;
    private final Workers workers;

    /**
     * A question that is to be asked now.
     *
     * @param key of what is asked
     * @param input all fields of the subject
     * @param attempt from 1
     * @param due since when it is to be asked
     * @param tenant whose record it is about; empty for nobody's
     * @param trace what it is part of, as {@link io.millrace.platform.trace.Trace#text} has it; empty for none
     * @param reserved by an attempt that was killed
     */
    public record Due(
            String recipe,
            String subject,
            String key,
            Map<String, String> input,
            int attempt,
            Instant due,
            String tenant,
            String trace,
            double reserved) {}

    /**
     * What became of a question.
     *
     * @param state see the contract Enrichment
     * @param asked whether the LLM was asked
     * @param again when a deferred one is asked again
     */
    public record Settled(
            String state,
            Map<String, String> fields,
            @Nullable String model,
            double cost,
            boolean cached,
            @Nullable String detail,
            boolean asked,
            Duration again) {}

    /** @param instance name of this hub */
    public Questions(String jdbcUrl, String user, String password, String instance) {
        this.database = new LedgerDatabase(KIND, jdbcUrl, user, password);
        this.jdbi = database.jdbi();
        this.kept = new KeptAnswers(jdbi);
        this.workers = new Workers(jdbi, "enrichment", instance);
    }

    /** Makes it, or what is missing of it. */
    public void prepare() {
        database.migrate();
    }

    /** This process asks until this is closed. */
    public void startWork() {
        workers.start();
    }

    /** Writes a question down, unless it was asked about this subject with the same content. It is part of the current trace. */
    public void add(Recipe recipe, String subject, String key, Map<String, String> input) {
        jdbi.useHandle(handle -> handle.createUpdate(
                        "INSERT INTO enrichment.question AS q (recipe, subject, key, tenant, input, trace, not_before, due_at)"
                                + " VALUES (:recipe, :subject, :key, :tenant, :input::json, :trace, clock_timestamp() + :settle::interval,"
                                + " clock_timestamp() + :settle::interval)"
                                + " ON CONFLICT (recipe, subject) DO UPDATE SET key = excluded.key, tenant = excluded.tenant, input = excluded.input, trace = excluded.trace,"
                                // Who is asking now finds that it is another question, and has it asked.
                                + " state = CASE q.state WHEN 'asking' THEN 'asking' ELSE 'pending' END,"
                                + " attempts = 0, not_before = excluded.not_before, due_at = excluded.due_at"
                                + CHANGED.replace("version = version", "version = q.version")
                                + " WHERE q.key <> excluded.key OR q.state = 'withdrawn'")
                .bind("recipe", recipe.name())
                .bind("tenant", recipe.tenant(input))
                .bind("settle", recipe.settle().toString())
                .bind("subject", subject)
                .bind("key", key)
                .bind("input", JSON.writeValueAsString(input))
                .bind("trace", Trace.text(Span.current()))
                .execute());
    }

    /** It need not be answered any more: there is nothing that it is about. */
    public void withdraw(Recipe recipe, String subject) {
        jdbi.useHandle(handle -> handle.createUpdate("UPDATE enrichment.question SET state = 'withdrawn'" + CHANGED
                        + THIS + " AND state IN ('pending', 'asking', 'deferred')")
                .bind("recipe", recipe.name())
                .bind("subject", subject)
                .execute());
    }

    /** Whether a partition was read for a recipe from its beginning. */
    public boolean begun(Recipe recipe, TopicPartition partition) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT EXISTS (SELECT FROM enrichment.begun"
                        + " WHERE recipe = :recipe AND topic = :topic AND partition = :partition)")
                .bind("recipe", recipe.name())
                .bind("topic", partition.topic())
                .bind("partition", partition.partition())
                .mapTo(Boolean.class)
                .one());
    }

    public void begin(Recipe recipe, TopicPartition partition) {
        jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO enrichment.begun VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                recipe.name(),
                partition.topic(),
                partition.partition()));
    }

    /** For analysts. */
    public Answers answers() {
        return new Answers(jdbi);
    }

    /** Takes the next question; empty if none is due. One that is being asked about another subject waits: its answer will do. */
    public Optional<Due> take() {
        String owner = workers.atWork();
        return jdbi.inTransaction(handle -> {
            // One after the other, so that each sees what the others have taken.
            handle.execute("SELECT pg_advisory_xact_lock(hashtext('millrace.enrichment.take'))");
            Optional<Due> due = handle.createQuery(
                            "SELECT recipe, subject, key, input::text, attempts, due_at, tenant, trace, reserved FROM enrichment.question q"
                                    + " WHERE not_before <= clock_timestamp() AND (state IN ('pending', 'deferred') OR state = 'asking'"
                                    // Its hub was killed.
                                    + " AND " + workers.isGone("q.owner")
                                    + ") AND NOT EXISTS (SELECT FROM"
                                    + " enrichment.question same WHERE same.key = q.key AND same.state = 'asking'"
                                    + " AND NOT (" + workers.isGone("same.owner")
                                    + ")) ORDER BY not_before LIMIT 1 FOR UPDATE OF q SKIP LOCKED")
                    .map((row, context) -> new Due(
                            text(row, "recipe"),
                            text(row, "subject"),
                            text(row, "key"),
                            JSON.readValue(text(row, "input"), new TypeReference<Map<String, String>>() {}),
                            row.getInt("attempts") + 1,
                            row.getObject("due_at", OffsetDateTime.class).toInstant(),
                            text(row, "tenant"),
                            text(row, "trace"),
                            row.getDouble("reserved")))
                    .findOne();
            due.ifPresent(question -> {
                spend(handle, question, 0, -question.reserved);
                handle.createUpdate("UPDATE enrichment.question SET state = 'asking', owner = :owner, reserved = 0"
                                + CHANGED + THIS)
                        .bind("owner", owner)
                        .bind("recipe", question.recipe)
                        .bind("subject", question.subject)
                        .execute();
            });
            return due;
        });
    }

    /** What was answered before. */
    public KeptAnswers kept() {
        return kept;
    }

    /**
     * Reserves what a question may cost.
     *
     * @return whose budget of the month does not allow it; empty if it is reserved
     */
    public String reserve(Due due, double amount, Recipe.Budget budget) {
        return jdbi.inTransaction(handle -> {
            // A question before what is spent on it, as everywhere: in another order, two would wait for each other.
            lock(handle, due);
            for (String tenant : new TreeSet<>(List.of(WHOLE, due.tenant))) {
                handle.execute(
                        "INSERT INTO enrichment.spend (recipe, month, tenant) VALUES (?, date_trunc('month', now()), ?)"
                                + " ON CONFLICT DO NOTHING",
                        due.recipe,
                        tenant);
            }
            Map<String, Double> used = used(handle, due);
            if (budget.all() > 0 && used.getOrDefault(WHOLE, 0.0) + amount > budget.all()) {
                return "the month's budget of " + budget.all();
            }
            if (!due.tenant.isEmpty()
                    && budget.tenant() > 0
                    && used.getOrDefault(due.tenant, 0.0) + amount > budget.tenant()) {
                return "the month's budget of " + budget.tenant() + " for tenant " + due.tenant;
            }
            spend(handle, due, 0, amount);
            handle.createUpdate("UPDATE enrichment.question SET reserved = :amount" + THIS)
                    .bind("amount", amount)
                    .bind("recipe", due.recipe)
                    .bind("subject", due.subject)
                    .execute();
            return "";
        });
    }

    /**
     * Writes down what became of a question, and what it cost of what was reserved. Of a subject that changed or went while it was
     * asked, only the cost.
     */
    public void settle(Due due, Settled settled) {
        jdbi.useTransaction(handle -> {
            double reserved = lock(handle, due);
            int settledNow = handle.createUpdate(
                            "UPDATE enrichment.question SET state = :state, fields = :fields::json, model = :model,"
                                    + " cost = cost + :cost, cached = :cached, detail = :detail, reserved = 0,"
                                    + " attempts = attempts + CASE WHEN :asked THEN 1 ELSE 0 END, not_before = clock_timestamp() + :again::interval"
                                    + CHANGED + THIS + " AND key = :key AND state = 'asking'")
                    .bind("state", settled.state)
                    .bind("fields", JSON.writeValueAsString(settled.fields))
                    .bind("model", settled.model)
                    .bind("cost", settled.cost)
                    .bind("cached", settled.cached)
                    .bind("detail", settled.detail)
                    .bind("asked", settled.asked)
                    .bind("again", settled.again.toString())
                    .bind("recipe", due.recipe)
                    .bind("subject", due.subject)
                    .bind("key", due.key)
                    .execute();
            if (settledNow == 0) {
                handle.createUpdate("UPDATE enrichment.question SET cost = cost + :cost, reserved = 0,"
                                + " state = CASE state WHEN 'asking' THEN 'pending' ELSE state END" + CHANGED + THIS)
                        .bind("cost", settled.cost)
                        .bind("recipe", due.recipe)
                        .bind("subject", due.subject)
                        .execute();
            }
            spend(handle, due, settled.cost, -reserved);
        });
    }

    /** Returns what is reserved for the question, which stays as it is until the transaction ends. */
    private static double lock(Handle handle, Due due) {
        return handle.createQuery("SELECT reserved FROM enrichment.question" + THIS + " FOR UPDATE")
                .bind("recipe", due.recipe)
                .bind("subject", due.subject)
                .mapTo(Double.class)
                .findOne()
                .orElse(0.0);
    }

    /** What is spent or reserved of the budgets, which are locked: by all in one order, or two would wait for each other. */
    private static Map<String, Double> used(Handle handle, Due due) {
        return handle.createQuery("SELECT tenant, spent + reserved AS used FROM enrichment.spend" + OF_MONTH
                        + " ORDER BY tenant FOR UPDATE")
                .bind("recipe", due.recipe)
                .bind("tenant", due.tenant)
                .reduceRows(new HashMap<>(), (all, row) -> {
                    all.put(row.getColumn("tenant", String.class), row.getColumn("used", Double.class));
                    return all;
                });
    }

    private static void spend(Handle handle, Due due, double cost, double reserved) {
        if (cost != 0 || reserved != 0) {
            used(handle, due);
            handle.createUpdate(
                            "UPDATE enrichment.spend SET spent = spent + :cost, reserved = greatest(0, reserved + :reserved)"
                                    + OF_MONTH)
                    .bind("cost", cost)
                    .bind("reserved", reserved)
                    .bind("recipe", due.recipe)
                    .bind("tenant", due.tenant)
                    .execute();
        }
    }

    @Override
    public boolean takeOutbox() {
        return workers.take("outbox");
    }

    /** How far topics are read. */
    public Positions positions() {
        return new Positions(jdbi, "enrichment");
    }

    /** What changed since it was published last. */
    @Override
    public List<Enrichment> unpublished(int limit) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT recipe, subject, version, state, fields::text, model, cost, cached, detail, changed_at"
                                + " FROM enrichment.question WHERE published < version LIMIT :limit")
                .bind("limit", limit)
                .map((row, context) -> new Enrichment(
                        text(row, "recipe"),
                        text(row, "subject"),
                        row.getLong("version"),
                        text(row, "state"),
                        JSON.readValue(text(row, "fields"), new TypeReference<Map<String, String>>() {}),
                        row.getString("model"),
                        row.getDouble("cost"),
                        row.getBoolean("cached"),
                        row.getString("detail"),
                        row.getObject("changed_at", OffsetDateTime.class).toInstant()))
                .list());
    }

    /** They are published. */
    @Override
    public void published(List<Enrichment> results) {
        if (results.isEmpty()) {
            return;
        }
        // A row that somebody changes now is published again anyway: nobody waits for another here.
        jdbi.useHandle(handle -> handle.execute(
                "WITH free AS (SELECT q.recipe, q.subject, told.version"
                        + " FROM unnest(?::text[], ?::text[], ?::bigint[]) AS told(recipe, subject, version)"
                        + " JOIN enrichment.question q USING (recipe, subject) FOR UPDATE OF q SKIP LOCKED)"
                        + " UPDATE enrichment.question q SET published = greatest(q.published, free.version)"
                        + " FROM free WHERE q.recipe = free.recipe AND q.subject = free.subject",
                results.stream().map(Enrichment::getRecipe).toArray(String[]::new),
                results.stream().map(Enrichment::getSubject).toArray(String[]::new),
                results.stream().map(Enrichment::getVersion).toArray(Long[]::new)));
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNullElse(row.getString(column), "");
    }

    @Override
    public void close() {
        workers.close();
        database.close();
    }
}
