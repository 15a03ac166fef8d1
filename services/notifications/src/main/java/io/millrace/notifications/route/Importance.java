package io.millrace.notifications.route;

/** What happens to a mail of which nobody knows whether it was sent. */
public enum Importance {
    /** It is sent again by another provider, and says that it may come twice. */
    CRITICAL,
    /** It waits for a person. */
    NORMAL
}
