package io.millrace.operations.access;

import java.time.Instant;
import java.util.Set;

/** Who asks: a program by its key, or a person who is signed in. */
public sealed interface Caller permits ApiKey, SignedIn {
    /** Of the key or the session. */
    String id();

    Set<Permission> permissions();

    Tenants tenants();

    boolean inForce(Instant now);

    /** As a message names it, such as "key 0a1b2c3d4e5f". */
    String said();

    /** As it is kept with what it decides. */
    String by();

    /** What to do where this permission is missing. */
    String remedy(Permission missing);
}
