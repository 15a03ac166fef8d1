package io.millrace.hub.doctor;

import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;

/** What an exception says, for people. */
final class Reason {
    private Reason() {}

    /** The innermost message, without names of classes where there is one. */
    static String of(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return switch (root) {
            case UnresolvedAddressException unknown -> "nobody knows this host's name";
            case ClosedChannelException refused -> "connection refused";
            case ConnectException refused -> message == null ? "connection refused" : message;
            default -> message == null ? root.getClass().getSimpleName() : message;
        };
    }
}
