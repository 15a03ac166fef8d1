/**
 * Capture of one Postgres database: whole transactions from its WAL to Kafka, exactly once.
 *
 * <p>Reads the source's tables once (snapshot) and then its replication slot; writes the row topics, the feed and the
 * position of the source, in one Kafka transaction an epoch.
 */
@NullMarked
package io.millrace.source;

import org.jspecify.annotations.NullMarked;
