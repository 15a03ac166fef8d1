/**
 * Real servers in or beside the JVM: Postgres, Kafka, a schema registry, an SMTP server.
 *
 * <p>Reads and writes the data directory; writes {@code endpoints.json} there.
 */
@NullMarked
package io.millrace.embedded;

import org.jspecify.annotations.NullMarked;
