/**
 * Proof that what is published equals the source, and what is wrong in a catalog.
 *
 * <p>Reads the source database, the feed and the row topics as a consumer of committed data; writes nothing.
 */
@NullMarked
package io.millrace.hub.verify;

import org.jspecify.annotations.NullMarked;
