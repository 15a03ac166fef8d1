package io.millrace.source;

import com.sun.management.OperatingSystemMXBean;
import io.millrace.schemas.TableName;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** How fast a backlog comes from the log into Kafka, and what it costs, by reader: {@code mvn -Pquick … -Dtest=CaptureBench}. */
class CaptureBench {
    private static final int TRANSACTIONS = 60_000;
    private static final int CHANGES_EACH = 5;
    private static final int ROUNDS = 3;

    @Test
    void backlog() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            for (ReaderKind reader : ReaderKind.values()) {
                measure(round, reader);
            }
        }
    }

    private static void measure(int round, ReaderKind reader) throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, List.of(new TableName("public", "t")));
        fixture.execute(
                "CREATE TABLE t (id bigint PRIMARY KEY, customer int, name text, amount numeric(12,2), at timestamptz)");
        fixture.startReady().close();
        write(fixture);
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = process.getProcessCpuTime();
        long begun = System.nanoTime();
        try (PostgresSource source = fixture.start()) {
            org.awaitility.Awaitility.await()
                    .pollInterval(Duration.ofMillis(20))
                    .atMost(Duration.ofMinutes(3))
                    .until(source::ready);
            double seconds = (System.nanoTime() - begun) / 1e9;
            double micros = (process.getProcessCpuTime() - cpu) / 1e3;
            int changes = TRANSACTIONS * CHANGES_EACH;
            System.out.printf(
                    Locale.ROOT,
                    "BENCH round %d, %s: %,d changes in %.1f s, %,.0f changes/s, %.1f us of CPU a change%n",
                    round,
                    reader,
                    changes,
                    seconds,
                    changes / seconds,
                    micros / changes);
        }
    }

    private static void write(Servers.Fixture fixture) throws Exception {
        try (Connection connection = fixture.server.connect();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO t SELECT ? + g, g, 'customer ' || g, g * 1.25, now() FROM generate_series(1, ?) g")) {
            connection.setAutoCommit(false);
            for (int i = 0; i < TRANSACTIONS; i++) {
                insert.setLong(1, (long) i * CHANGES_EACH);
                insert.setInt(2, CHANGES_EACH);
                insert.execute();
                connection.commit();
            }
        }
    }
}
