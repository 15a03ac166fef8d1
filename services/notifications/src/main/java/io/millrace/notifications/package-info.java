/** Alerts to mail. Reads topic {@code governance.alerts}, writes topics {@code notifications.deliveries} and {@code hub.dead-letters}. */
@org.jspecify.annotations.NullMarked
package io.millrace.notifications;
