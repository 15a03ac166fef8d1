package io.millrace.demo.trade;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;

/**
 * Several tenants that trade at the same time, each on a thread of its own. With the same seed and the same number of
 * transactions, each tenant's data is the same.
 */
public final class Simulator implements AutoCloseable {
    private final List<Tenant> tenants;
    private final List<Thread> threads;

    /**
     * @param transactionsPerSecond of all tenants together; infinite for as fast as possible
     * @param tenants how many companies trade
     * @param seed of what happens
     * @param transactions how many each tenant makes before it stops by itself
     */
    public record Options(double transactionsPerSecond, int tenants, long seed, long transactions) {
        public Options {
            if (!(transactionsPerSecond > 0) || tenants < 1 || transactions < 1) {
                throw new IllegalArgumentException("rate, tenants and transactions must be positive");
            }
        }

        /** Trades until it is closed. */
        public static Options endless(double transactionsPerSecond, int tenants, long seed) {
            return new Options(transactionsPerSecond, tenants, seed, Long.MAX_VALUE);
        }
    }

    private Simulator(List<Tenant> tenants) {
        this.tenants = tenants;
        this.threads = tenants.stream()
                .map(tenant ->
                        Thread.ofPlatform().name("tenant-" + tenant.number()).unstarted(tenant::trade))
                .toList();
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
        return new Simulator(tenants);
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
        return tenants.stream().mapToLong(Tenant::transactions).sum();
    }

    /** Rows inserted, updated or deleted by them. */
    public long changes() {
        return tenants.stream().mapToLong(Tenant::changes).sum();
    }

    /** The transaction ids of everything committed since the start. */
    public List<Long> committed() {
        List<Long> all = new ArrayList<>();
        tenants.forEach(tenant -> all.addAll(tenant.committed()));
        return all;
    }

    /**
     * Ends trading, each tenant after the transaction that it is in.
     *
     * @throws IllegalStateException if a tenant could not go on trading
     */
    @Override
    public void close() {
        tenants.forEach(Tenant::stop);
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
        for (Tenant tenant : tenants) {
            tenant.failure().ifPresent(failure -> {
                throw new IllegalStateException("tenant " + tenant.number() + " stopped trading: " + failure, failure);
            });
        }
    }
}
