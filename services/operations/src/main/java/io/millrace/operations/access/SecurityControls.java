package io.millrace.operations.access;

import io.millrace.governance.catalog.Control;
import io.millrace.schemas.avro.Severity;
import java.util.Arrays;
import java.util.List;

/**
 * The built-in controls about the gateway's door. Their rows are events of the last day, by what happened and to whom: an alert that
 * nothing adds to for a day resolves by itself.
 */
public final class SecurityControls {
    static final List<Watched> WATCHED = List.of(
            watched(
                    "security_guessing",
                    "{subject}: {times} wrong attempts in a day, last from {address}",
                    Severity.HIGH,
                    "Ask the person whether it was them. If not, have the address blocked; 'millrace users change <user> --disable' shuts the name.",
                    "Somebody tries passwords or codes, or keys that are not accepted.",
                    5,
                    AccessEvent.Kind.SIGN_IN_FAILED,
                    AccessEvent.Kind.KEY_REFUSED),
            watched(
                    "security_new_place",
                    "{subject}: {kind}, {address}",
                    Severity.MEDIUM,
                    "Ask whoever uses it. If nobody knows: 'millrace keys rotate <id>', or 'millrace users sign-out <user>' and 'millrace users link <user>'.",
                    "A key or user comes from where it was not before.",
                    1,
                    AccessEvent.Kind.KEY_AT_NEW_ADDRESS,
                    AccessEvent.Kind.NEW_DEVICE),
            watched(
                    "security_rights",
                    "{subject}: {kind} by {actor}",
                    Severity.MEDIUM,
                    "See whether it was wanted: 'millrace users list' and 'millrace roles list' show what is, the audit trail what was.",
                    "Somebody's rights, or a flag, changed.",
                    1,
                    AccessEvent.Kind.USER_CREATED,
                    AccessEvent.Kind.USER_CHANGED,
                    AccessEvent.Kind.ROLE_CHANGED,
                    AccessEvent.Kind.SECOND_FACTOR_CHANGED,
                    AccessEvent.Kind.FLAG_CHANGED),
            watched(
                    "security_overreach",
                    "{subject}: {kind}, {times} times in a day, last {detail}",
                    Severity.LOW,
                    "It is a program with too few rights, or one that looks for more: 'millrace keys list' says what it is for.",
                    "A key or user asks for what it may not, or too often.",
                    20,
                    AccessEvent.Kind.NOT_PERMITTED,
                    AccessEvent.Kind.TOO_MANY_REQUESTS));

    /** Columns of their rows, for routes and titles. */
    public static final List<String> COLUMNS =
            List.of("kind", "subject", "actor", "address", "detail", "times", "first", "last");

    /**
     * A control about some kinds of events.
     *
     * @param times so often in a day it is a violation
     * @param kinds as they are stored
     */
    record Watched(Control control, int times, List<String> kinds) {}

    private SecurityControls() {}

    private static Watched watched(
            String name,
            String title,
            Severity severity,
            String remedy,
            String description,
            int times,
            AccessEvent.Kind... kinds) {
        return new Watched(
                new Control(name, title, severity, "security", remedy, description),
                times,
                Arrays.stream(kinds).map(AccessEvent.Kind::toString).toList());
    }

    /** All of them. */
    public static List<Control> all() {
        return WATCHED.stream().map(Watched::control).toList();
    }
}
