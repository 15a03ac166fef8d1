/**
 * Epochs: log events become row records, one feed record a lane, and the position, in one Kafka transaction.
 *
 * <p>Reads the source's position, and row topics where the log leaves out what did not change; writes all of the source's
 * topics.
 */
@NullMarked
package io.millrace.source.publish;

import org.jspecify.annotations.NullMarked;
