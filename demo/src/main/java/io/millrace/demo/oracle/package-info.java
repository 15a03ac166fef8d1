/**
 * Proof that what is published equals the source: topics, views, alerts, mails, audit trail and explanations, each against its own
 * query on the source.
 *
 * <p>Reads the source database, the analytics database and the hub's topics as a consumer of committed data; writes nothing.
 */
@NullMarked
package io.millrace.demo.oracle;

import org.jspecify.annotations.NullMarked;
