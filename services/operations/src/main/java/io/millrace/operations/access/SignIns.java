package io.millrace.operations.access;

import io.millrace.operations.access.SignInRefused.Reason;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** How people prove who they are: passwords, links, and codes of a second factor. */
public final class SignIns {
    private static final int LONGEST_AGENT = 200;

    private final Jdbi jdbi;

    /**
     * Somebody is signed in.
     *
     * @param text for the cookie
     */
    public record Opened(SignedIn who, Token text) {}

    /** A device that signs in. */
    public record Device(String address, String agent) {
        /** @param agent as the browser says it; anything */
        public Device {
            agent = agent.replaceAll("\\p{Cntrl}", "?");
            agent = agent.substring(0, Math.min(LONGEST_AGENT, agent.length()));
        }
    }

    /**
     * A second factor that is not confirmed yet.
     *
     * @param secret as it is typed into an app
     * @param link as an app reads it
     */
    public record Enrolment(String secret, String link) {
        @Override
        public String toString() {
            return "a second factor";
        }
    }

    SignIns(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Opens a session.
     *
     * @param code null if none was given
     * @throws SignInRefused if the person is not let in
     */
    public Opened signIn(String name, String password, @Nullable String code, Device device) {
        Attempt attempt = Attempt.begin(jdbi, name);
        boolean right = attempt.hasPassword(password);
        User user = attempt.user();
        if (user == null || !right) {
            throw refused(user, device, "wrong password");
        }
        if (!user.hasSecondFactor()) {
            return jdbi.inTransaction(handle -> open(handle, user.name(), false, device));
        }
        if (code == null || code.isBlank()) {
            throw new SignInRefused(Reason.CODE_NEEDED, Duration.ZERO);
        }
        OptionalLong step = attempt.step(code);
        if (step.isEmpty()) {
            throw refused(user, device, "wrong code");
        }
        return jdbi.inTransaction(handle -> {
            if (!taken(handle, user.name(), step.getAsLong())) {
                throw new SignInRefused(Reason.WRONG, Duration.ZERO);
            }
            return open(handle, user.name(), true, device);
        });
    }

    /** A code is taken once, also where it comes twice at the same time. */
    private static boolean taken(Handle handle, String user, long step) {
        return handle.createUpdate(
                                "UPDATE access.person SET totp_step = :step WHERE name = :user AND totp_step < :step")
                        .bind("step", step)
                        .bind("user", user)
                        .execute()
                > 0;
    }

    /** Somebody types a password into the wrong field: a name that nobody has is not kept. */
    private SignInRefused refused(@Nullable User user, Device device, String detail) {
        String who = user == null ? "unknown user" : "user " + user.name();
        new AccessEvents(jdbi)
                .write(List.of(new AccessEvent(
                        AccessEvent.Kind.SIGN_IN_FAILED,
                        who,
                        who,
                        device.address,
                        user == null ? "no user of that name may sign in" : detail,
                        1)));
        return new SignInRefused(Reason.WRONG, Duration.ZERO);
    }

    /**
     * Sets a password with a link, and opens a session. All other sessions of the person end.
     *
     * @throws SignInRefused if the link is none
     * @throws MillraceException if the password is not good enough; the link is still there
     */
    public Opened welcome(Token link, String password, Device device) {
        User user = jdbi.withHandle(handle -> owner(handle, link));
        Passwords.requireGood(password, user);
        String hash = Passwords.hash(password);
        return jdbi.inTransaction(handle -> {
            User now = owner(handle, link);
            handle.createUpdate("UPDATE access.link SET used_at = clock_timestamp() WHERE id = :id")
                    .bind("id", link.id())
                    .execute();
            store(handle, now.name(), hash, null, new Origin(now.name(), device.address, null));
            return open(handle, now.name(), false, device);
        });
    }

    private static User owner(Handle handle, Token link) {
        return handle.createQuery(
                        "SELECT l.secret_hash, " + Users.COLUMNS
                                + " FROM access.link l JOIN access.person p ON p.name = l.person WHERE l.id = :id"
                                + " AND l.used_at IS NULL AND l.expires_at > clock_timestamp() AND p.disabled_at IS NULL FOR UPDATE")
                .bind("id", link.id())
                .map((row, context) -> link.hasHash(row.getBytes("secret_hash"))
                        ? java.util.Optional.of(Users.read(row))
                        : java.util.Optional.<User>empty())
                .findOne()
                .flatMap(found -> found)
                .orElseThrow(() -> new SignInRefused(Reason.NO_LINK, Duration.ZERO));
    }

    private static void store(Handle handle, String user, String hash, @Nullable String session, Origin origin) {
        handle.createUpdate("UPDATE access.person SET password_hash = :hash WHERE name = :user")
                .bind("hash", hash)
                .bind("user", user)
                .execute();
        AccessEvents.write(
                handle, AccessEvent.of(AccessEvent.Kind.PASSWORD_CHANGED, origin, "user " + user, "by the person"));
        Sessions.endAll(handle, user, session, origin);
    }

    private static Opened open(Handle handle, String user, boolean secondFactor, Device device) {
        Attempt.succeeded(handle, user);
        String known = handle.createQuery("SELECT CASE WHEN count(*) = 0 THEN 'first'"
                        + " WHEN bool_or(address = :address AND agent = :agent) THEN 'known' ELSE 'new' END"
                        + " FROM access.session WHERE person = :user")
                .bind("address", device.address)
                .bind("agent", device.agent)
                .bind("user", user)
                .mapTo(String.class)
                .one();
        Token text = Token.random(Token.Kind.SESSION);
        handle.createUpdate("UPDATE access.person SET last_sign_in_at = clock_timestamp() WHERE name = :user")
                .bind("user", user)
                .execute();
        handle.createUpdate(
                        "INSERT INTO access.session (id, secret_hash, person, expires_at, address, agent, second_factor)"
                                + " VALUES (:id, :hash, :user, :expires, :address, :agent, :second)")
                .bind("id", text.id())
                .bind("hash", text.hash())
                .bind("user", user)
                .bind("expires", Instant.now().plus(Session.LONGEST).atOffset(ZoneOffset.UTC))
                .bind("address", device.address)
                .bind("agent", device.agent)
                .bind("second", secondFactor)
                .execute();
        Origin origin = new Origin(user, device.address, null);
        AccessEvents.write(
                handle,
                AccessEvent.of(
                        AccessEvent.Kind.SIGNED_IN,
                        origin,
                        "user " + user,
                        secondFactor ? "with a second factor" : "without a second factor"));
        if (known.equals("new")) {
            AccessEvents.write(
                    handle, AccessEvent.of(AccessEvent.Kind.NEW_DEVICE, origin, "user " + user, device.agent));
        }
        return new Opened(Sessions.find(handle, text.id(), null).orElseThrow(), text);
    }

    /**
     * Changes the password of who is signed in. All other sessions of the person end.
     *
     * @throws SignInRefused if the old one is wrong
     * @throws MillraceException if the new one is not good enough
     */
    public void changePassword(SignedIn who, String old, String fresh, String address) {
        requirePassword(who, old, address);
        Passwords.requireGood(fresh, who.user());
        String hash = Passwords.hash(fresh);
        jdbi.useTransaction(handle -> store(handle, who.user().name(), hash, who.id(), Origin.of(who, address)));
    }

    private void requirePassword(SignedIn who, String password, String address) {
        Attempt attempt = Attempt.begin(jdbi, who.user().name());
        if (!attempt.hasPassword(password)) {
            throw refused(who.user(), new Device(address, ""), "wrong password of who is signed in");
        }
        jdbi.useHandle(handle -> Attempt.succeeded(handle, who.user().name()));
    }

    /**
     * Begins a second factor; it counts once it is confirmed.
     *
     * @throws SignInRefused if the password is wrong
     */
    public Enrolment beginSecondFactor(SignedIn who, String password, String address) {
        if (who.user().hasSecondFactor()) {
            throw new MillraceException(
                    Category.USER,
                    who.said() + " has a second factor already",
                    "if the device is lost, ask an administrator: millrace users link "
                            + who.user().name() + " --remove-second-factor");
        }
        requirePassword(who, password, address);
        byte[] secret = OneTimeCodes.newSecret();
        jdbi.useHandle(
                handle -> handle.createUpdate("UPDATE access.person SET totp_pending = :secret WHERE name = :user")
                        .bind("secret", secret)
                        .bind("user", who.user().name())
                        .execute());
        return new Enrolment(
                OneTimeCodes.typed(secret), OneTimeCodes.link(who.user().name(), secret));
    }

    /**
     * Confirms a second factor. This session has it from now on; all other sessions of the person end.
     *
     * @throws SignInRefused if the code is wrong
     * @throws MillraceException if none was begun
     */
    public void confirmSecondFactor(SignedIn who, String code, String address) {
        String user = who.user().name();
        Attempt.begin(jdbi, user);
        jdbi.useTransaction(handle -> {
            byte[] secret = handle.createQuery(
                            "SELECT totp_pending FROM access.person WHERE name = :user AND totp_pending IS NOT NULL FOR UPDATE")
                    .bind("user", user)
                    .mapTo(byte[].class)
                    .findOne()
                    .orElseThrow(() -> new MillraceException(
                            Category.USER, "no second factor was begun", "begin with /session/second-factor"));
            OptionalLong step = OneTimeCodes.step(secret, code, Instant.now(), 0);
            if (step.isEmpty()) {
                throw new SignInRefused(Reason.WRONG, Duration.ZERO);
            }
            handle.createUpdate(
                            "UPDATE access.person SET totp_secret = totp_pending, totp_pending = NULL, totp_step = :step"
                                    + " WHERE name = :user")
                    .bind("step", step.getAsLong())
                    .bind("user", user)
                    .execute();
            handle.createUpdate("UPDATE access.session SET second_factor = true WHERE id = :id")
                    .bind("id", who.id())
                    .execute();
            Attempt.succeeded(handle, user);
            Origin origin = Origin.of(who, address);
            Sessions.endAll(handle, user, who.id(), origin);
            AccessEvents.write(
                    handle,
                    AccessEvent.of(AccessEvent.Kind.SECOND_FACTOR_CHANGED, origin, "user " + user, "it was set up"));
        });
    }
}
