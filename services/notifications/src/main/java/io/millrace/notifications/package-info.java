/**
 * Alerts to mail. Reads topics {@code governance.alerts} and {@code hub.dead-letter-actions}; writes the ledger, topics
 * {@code notifications.deliveries} and {@code hub.dead-letters}.
 */
@org.jspecify.annotations.NullMarked
package io.millrace.notifications;
