/**
 * What comes back after a mail was sent: recipients who unsubscribe, and providers' events, both signed.
 *
 * <p>Reads requests that the hub's web server takes; writes suppressions and the fate of mails to the ledger.
 */
@org.jspecify.annotations.NullMarked
package io.millrace.notifications.inbound;
