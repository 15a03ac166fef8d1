/** The durable ledger of mails: schema {@code notifications} of the analytics database. */
@org.jspecify.annotations.NullMarked
package io.millrace.notifications.ledger;
