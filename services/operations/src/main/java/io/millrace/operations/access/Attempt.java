package io.millrace.operations.access;

import io.millrace.operations.access.SignInRefused.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * An attempt to prove who somebody is. It is counted before it is checked, so that many at once are not more guesses than one after the
 * other.
 *
 * @param user null if there is nobody of that name who may come in
 */
record Attempt(@Nullable User user, @Nullable String hash, byte @Nullable [] totp, long lastStep) {
    /** So many fail before the next has to wait. */
    private static final int FREE = 5;

    /** So long the first one waits; each further one twice as long. */
    private static final int FIRST_WAIT_SECONDS = 15;

    private static final int LONGEST_WAIT_SECONDS = 15 * 60;

    private static final Attempt OF_NOBODY = new Attempt(null, null, null, 0);

    /** @throws SignInRefused if no attempt is taken now */
    static Attempt begin(Jdbi jdbi, String name) {
        return jdbi.withHandle(handle -> counted(handle, name).orElseGet(() -> {
            requireNotBlocked(handle, name);
            return OF_NOBODY;
        }));
    }

    /** One statement: attempts at the same time wait for one another, and see the block that the one before set. */
    private static Optional<Attempt> counted(Handle handle, String name) {
        return handle.createQuery("UPDATE access.person p SET failures = failures + 1,"
                        + " blocked_until = CASE WHEN failures + 1 >= :free THEN clock_timestamp()"
                        + "   + make_interval(secs => least(:longest, :wait * 2 ^ least(failures + 1 - :free, 20))) END"
                        + " WHERE name = :name AND disabled_at IS NULL AND password_hash IS NOT NULL"
                        + " AND (blocked_until IS NULL OR blocked_until <= clock_timestamp())"
                        + " RETURNING " + Users.COLUMNS + ", p.password_hash, p.totp_secret, p.totp_step")
                .bind("free", FREE)
                .bind("longest", LONGEST_WAIT_SECONDS)
                .bind("wait", FIRST_WAIT_SECONDS)
                .bind("name", name)
                .map((row, context) -> new Attempt(
                        Users.read(row),
                        row.getString("password_hash"),
                        row.getBytes("totp_secret"),
                        row.getLong("totp_step")))
                .findOne();
    }

    private static void requireNotBlocked(Handle handle, String name) {
        handle.createQuery(
                        "SELECT blocked_until FROM access.person WHERE name = :name AND blocked_until > clock_timestamp()")
                .bind("name", name)
                .map((row, context) -> Rows.requiredTime(row, "blocked_until"))
                .findOne()
                .ifPresent(until -> {
                    throw new SignInRefused(Reason.BLOCKED, Duration.between(Instant.now(), until));
                });
    }

    /** Takes time, and so is in no transaction. */
    boolean hasPassword(String password) {
        return Passwords.matches(password, hash);
    }

    /** The step of the code; empty if it is wrong, or was used. */
    OptionalLong step(String code) {
        return totp == null ? OptionalLong.empty() : OneTimeCodes.step(totp, code, Instant.now(), lastStep);
    }

    /** It succeeded: the ones before count no more. */
    static void succeeded(Handle handle, String name) {
        handle.createUpdate("UPDATE access.person SET failures = 0, blocked_until = NULL WHERE name = :name")
                .bind("name", name)
                .execute();
    }
}
