/**
 * Rows of tables and views: Postgres types, their Avro schemas, and the codec between values and bytes.
 *
 * <p>Reads and writes nothing itself: the bytes go into row topics, view topics, the feed and the engine's stores.
 */
@NullMarked
package io.millrace.schemas.row;

import org.jspecify.annotations.NullMarked;
