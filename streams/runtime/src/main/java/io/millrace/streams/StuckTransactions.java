package io.millrace.streams;

import io.millrace.platform.kafka.HangingTransactions;
import io.millrace.platform.kafka.HangingTransactions.Hanging;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.kafka.TransactionLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees an application that cannot restore its state since one of its transactions hangs: ends the transaction as its coordinator had
 * decided. Where the decision is not known any more, an operator has to end it. See docs/decisions/0019.
 */
final class StuckTransactions {
    private static final Logger LOG = LoggerFactory.getLogger(StuckTransactions.class);

    /** So long an application may not run before somebody looks. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final String what;
    private final String applicationId;
    private final KafkaServers servers;
    private final StreamsProcess.Losses losses;
    private final BooleanSupplier running;
    private Instant ran = Instant.now();
    private Set<Hanging> before = Set.of();
    private volatile String trouble = "";

    StuckTransactions(
            String what,
            String applicationId,
            KafkaServers servers,
            StreamsProcess.Losses losses,
            BooleanSupplier running) {
        this.losses = losses;
        this.what = what;
        this.applicationId = applicationId;
        this.servers = servers;
        this.running = running;
    }

    /** What an operator has to do; empty if nothing. */
    String trouble() {
        return trouble;
    }

    /** Looks, if it is time to. */
    Duration look() throws InterruptedException {
        if (running.getAsBoolean()) {
            ran = Instant.now();
            before = Set.of();
            trouble = "";
        } else if (Duration.between(ran, Instant.now()).compareTo(PATIENCE) > 0) {
            try (Admin admin = servers.admin(Map.of())) {
                free(new HangingTransactions(admin));
            } catch (ExecutionException | TimeoutException away) {
                LOG.debug("{}: hanging transactions cannot be looked for now", what, away);
            }
        }
        return INTERVAL;
    }

    private void free(HangingTransactions transactions)
            throws InterruptedException, ExecutionException, TimeoutException {
        Set<Hanging> now = transactions.find(
                topic -> topic.startsWith(applicationId + "-"), id -> id.startsWith(applicationId + "-"));
        Set<Hanging> found = new HashSet<>(now);
        found.retainAll(before);
        before = now;
        TransactionLog log = new TransactionLog(servers);
        Map<String, List<TopicPartition>> toCommit = new TreeMap<>();
        Set<Hanging> unknown = new HashSet<>();
        for (Hanging part : found) {
            switch (log.decision(part)) {
                case ABORT -> {
                    LOG.warn("{}: {}; it was to be aborted, and is", what, part);
                    transactions.abort(part);
                }
                case COMMIT ->
                    toCommit.computeIfAbsent(part.transactionalId(), first -> new ArrayList<>())
                            .add(part.partition());
                case UNKNOWN -> {
                    if (losses == StreamsProcess.Losses.HARMLESS) {
                        LOG.warn("{}: {}, and is aborted: figures of some seconds may be missing", what, part);
                        transactions.abort(part);
                    } else {
                        unknown.add(part);
                    }
                }
            }
        }
        for (Map.Entry<String, List<TopicPartition>> transaction : toCommit.entrySet()) {
            LOG.warn(
                    "{}: transaction of {} hangs on {}; it was to be committed, and is",
                    what,
                    transaction.getKey(),
                    transaction.getValue());
            HangingTransactions.commit(transaction.getKey(), transaction.getValue(), servers);
        }
        if (!unknown.isEmpty()) {
            tell(unknown);
        }
    }

    private void tell(Set<Hanging> found) {
        String told = found.iterator().next() + ", so state cannot be restored. To abort it: "
                + found.stream().map(part -> part.remedy(servers)).collect(Collectors.joining("; "))
                + (losses == StreamsProcess.Losses.REPAIRED_BY_SNAPSHOT
                        ? "; then take a new snapshot, since changes may be missing: millrace snapshot"
                        : "; its last changes before that may be missing");
        if (!told.equals(trouble)) {
            LOG.error("{}: {}", what, told);
        }
        trouble = told;
    }
}
