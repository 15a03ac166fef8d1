/**
 * The seam between a database's log and the publisher: events in commit order, with a position that can be confirmed.
 *
 * <p>Reads the replication slot; writes its confirmed position.
 */
@NullMarked
package io.millrace.source.reader;

import org.jspecify.annotations.NullMarked;
