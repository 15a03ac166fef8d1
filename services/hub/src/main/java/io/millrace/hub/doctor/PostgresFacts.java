package io.millrace.hub.doctor;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/** What is asked of every Postgres server. */
final class PostgresFacts {
    private static final int OLDEST = 140_000;
    private static final Duration SKEW = Duration.ofSeconds(2);
    private static final int FEW = 20;

    private PostgresFacts() {}

    static List<Finding> of(String part, Connection connection) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        Instant before = Instant.now();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
                          clock_timestamp() AS clock, pg_is_in_recovery() AS standby, current_database() AS database, current_user AS role,
                          coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
                          inet_server_addr() IS NULL OR inet_server_addr() << '127.0.0.0/8' AS here,
                          current_setting('max_connections')::int - (SELECT count(*) FROM pg_stat_activity)::int AS free""")) {
            row.next();
            Duration round = Duration.between(before, Instant.now());
            findings.add(Finding.ok(
                    part,
                    "Postgres " + row.getString("version") + ", database " + row.getString("database") + " as "
                            + row.getString("role") + (row.getBoolean("encrypted") ? ", by TLS" : "")));
            if (row.getInt("number") < OLDEST) {
                findings.add(Finding.problem(
                        part, "Postgres " + row.getString("version") + " is too old", "upgrade it to 14 or newer"));
            }
            if (row.getBoolean("standby")) {
                findings.add(Finding.problem(
                        part, "the server is a standby, which cannot be written to", "name the primary server"));
            }
            if (!row.getBoolean("encrypted") && !row.getBoolean("here")) {
                findings.add(Finding.warning(
                        part,
                        "the connection is not encrypted",
                        "set sslmode=verify-full in the url, and ssl = on in the server"));
            }
            if (row.getInt("free") < FEW) {
                findings.add(Finding.warning(
                        part,
                        "only " + row.getInt("free") + " connections are free",
                        "ALTER SYSTEM SET max_connections = …; then restart the server; or end what holds them"
                                + " (pg_stat_activity)"));
            }
            skew(part, row.getObject("clock", OffsetDateTime.class).toInstant(), before.plus(round.dividedBy(2)))
                    .ifPresent(findings::add);
        }
        return findings;
    }

    private static java.util.Optional<Finding> skew(String part, Instant theirs, Instant ours) {
        Duration skew = Duration.between(ours, theirs);
        return skew.abs().compareTo(SKEW) < 0
                ? java.util.Optional.empty()
                : java.util.Optional.of(Finding.warning(
                        part,
                        "its clock is " + skew.abs().toMillis() / 1000.0 + " s "
                                + (skew.isNegative() ? "behind" : "ahead of")
                                + " this machine's: lateness is off by as much",
                        "synchronise both by NTP (timedatectl, chronyc tracking)"));
    }
}
