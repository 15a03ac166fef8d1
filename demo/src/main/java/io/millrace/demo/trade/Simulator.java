package io.millrace.demo.trade;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;

/**
 * Several tenants that trade at the same time, each on a thread of its own. With the same seed and the same number of
 * transactions, each tenant's data is the same.
 */
public final class Simulator implements AutoCloseable {
    /** The numbers of companies in which misdeeds happen begin here; in those below, nobody does wrong. */
    public static final int FIRST_MISDEED_TENANT = 9001;

    private static final int MISDEED_TENANTS = 2;

    private final List<Tenant> tenants;
    private final List<MisdeedTenant> wrongdoers;
    private final List<Thread> threads;

    /**
     * @param transactionsPerSecond of all tenants together; infinite for as fast as possible
     * @param tenants how many companies trade
     * @param seed of what happens
     * @param transactions how many each tenant makes before it stops by itself
     * @param misdeeds whether other companies violate controls meanwhile
     */
    public record Options(double transactionsPerSecond, int tenants, long seed, long transactions, boolean misdeeds) {
        public Options(double transactionsPerSecond, int tenants, long seed, long transactions) {
            this(transactionsPerSecond, tenants, seed, transactions, false);
        }

        public Options {
            if (!(transactionsPerSecond > 0) || tenants < (misdeeds ? 0 : 1) || transactions < 1) {
                throw new IllegalArgumentException("rate, tenants and transactions must be positive");
            }
        }

        /** Trades until it is closed. */
        public static Options endless(double transactionsPerSecond, int tenants, long seed, boolean misdeeds) {
            return new Options(transactionsPerSecond, tenants, seed, Long.MAX_VALUE, misdeeds);
        }
    }

    private Simulator(List<Tenant> tenants, List<MisdeedTenant> wrongdoers) {
        this.tenants = tenants;
        this.wrongdoers = wrongdoers;
        this.threads = Stream.concat(
                        tenants.stream().map(tenant -> thread(tenant.number(), tenant::trade)),
                        wrongdoers.stream().map(tenant -> thread(tenant.number(), tenant::misbehave)))
                .toList();
    }

    private static Thread thread(int tenant, Runnable work) {
        return Thread.ofPlatform().name("tenant-" + tenant).unstarted(work);
    }

    /** Opens the tenants that do not exist yet. Trading begins with {@link #start}. */
    public static Simulator prepare(String jdbcUrl, String user, String password, Options options) {
        Jdbi jdbi = Jdbi.create(jdbcUrl, user, password);
        List<Tenant> tenants = IntStream.rangeClosed(1, options.tenants)
                .mapToObj(number -> new Tenant(
                        jdbi,
                        number,
                        options.seed,
                        options.transactionsPerSecond / options.tenants,
                        options.transactions))
                .toList();
        tenants.forEach(Tenant::open);
        List<MisdeedTenant> wrongdoers = IntStream.range(0, options.misdeeds ? MISDEED_TENANTS : 0)
                .mapToObj(number -> new MisdeedTenant(jdbi, FIRST_MISDEED_TENANT + number, options.seed))
                .toList();
        wrongdoers.forEach(MisdeedTenant::open);
        return new Simulator(tenants, wrongdoers);
    }

    public void start() {
        threads.forEach(Thread::start);
    }

    /** Waits until every tenant has made its transactions. */
    public void await() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        close();
    }

    /** Transactions committed since the start. */
    public long transactions() {
        return tenants.stream().mapToLong(Tenant::transactions).sum()
                + wrongdoers.stream()
                        .mapToLong(tenant -> tenant.committed().size())
                        .sum();
    }

    /** Rows inserted, updated or deleted by them. */
    public long changes() {
        return tenants.stream().mapToLong(Tenant::changes).sum()
                + wrongdoers.stream().mapToLong(MisdeedTenant::changes).sum();
    }

    /** The transaction ids of everything committed since the start. */
    public List<Long> committed() {
        List<Long> all = new ArrayList<>();
        tenants.forEach(tenant -> all.addAll(tenant.committed()));
        wrongdoers.forEach(tenant -> all.addAll(tenant.committed()));
        return all;
    }

    /** What was done wrong since the start. */
    public List<CommittedMisdeed> misdeeds() {
        return wrongdoers.stream().flatMap(tenant -> tenant.misdeeds().stream()).toList();
    }

    /**
     * Ends trading, each tenant after the transaction that it is in.
     *
     * @throws IllegalStateException if a tenant could not go on trading
     */
    @Override
    public void close() {
        tenants.forEach(Tenant::stop);
        wrongdoers.forEach(MisdeedTenant::stop);
        boolean interrupted = false;
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(60));
            } catch (InterruptedException stopping) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        tenants.forEach(tenant -> rethrow(tenant.number(), tenant.failure()));
        wrongdoers.forEach(tenant -> rethrow(tenant.number(), tenant.failure()));
    }

    private static void rethrow(int tenant, Optional<Throwable> failure) {
        failure.ifPresent(thrown -> {
            throw new IllegalStateException("tenant " + tenant + " stopped trading: " + thrown, thrown);
        });
    }
}
