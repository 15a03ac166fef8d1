package io.millrace.operations.access;

import org.jspecify.annotations.Nullable;

/**
 * Who changes something, and from where.
 *
 * @param by name of the one
 * @param address empty: the command line
 * @param caller who may give only what he has; null: the command line, which may give everything
 */
public record Origin(String by, String address, @Nullable Caller caller) {
    /** Whoever has the hub's configuration. */
    public static Origin commandLine(String by) {
        return new Origin(by, "", null);
    }

    /** Somebody who asks the gateway. */
    public static Origin of(Caller caller, String address) {
        return new Origin(caller.by(), address, caller);
    }
}
