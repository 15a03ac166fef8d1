/**
 * Clients of Kafka, as all parts of the hub use them: how the brokers are reached, readers of what is committed, producers that end
 * soon, and the creation of topics.
 */
@NullMarked
package io.millrace.platform.kafka;

import org.jspecify.annotations.NullMarked;
