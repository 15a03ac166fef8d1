/**
 * Between Kafka and the ledger of a service. Reads the service's topics and {@code hub.dead-letter-actions}; writes the service's
 * schema in the analytics database, the topic of what changed in it, and {@code hub.dead-letters}.
 */
@NullMarked
package io.millrace.ledger;

import org.jspecify.annotations.NullMarked;
