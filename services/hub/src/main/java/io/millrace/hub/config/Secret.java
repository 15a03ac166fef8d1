package io.millrace.hub.config;

/**
 * A password or key of the configuration. Its text says only whether there is one, so that no log line or error can have it.
 *
 * @param reveal it, for the one who needs it
 */
public record Secret(String reveal) {
    /** For the configuration's reader. */
    public static Secret of(String text) {
        return new Secret(text);
    }

    public boolean isEmpty() {
        return reveal.isEmpty();
    }

    @Override
    public String toString() {
        return isEmpty() ? "none" : "***";
    }
}
