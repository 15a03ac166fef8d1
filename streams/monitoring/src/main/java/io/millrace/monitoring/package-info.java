/**
 * Where every stage of the pipeline is, how late, and why.
 *
 * <p>Reads positions from Kafka, the source's and the analytics database; writes nothing but heartbeats to the source's log.
 */
@org.jspecify.annotations.NullMarked
package io.millrace.monitoring;
