/** Sends what is due in the ledger: breakers, failover, retries. */
@org.jspecify.annotations.NullMarked
package io.millrace.notifications.dispatch;
