/**
 * The rows as they are when the slot is created: no gap to the stream that follows, and no overlap.
 *
 * <p>Reads the captured tables; creates the slot.
 */
@NullMarked
package io.millrace.source.snapshot;

import org.jspecify.annotations.NullMarked;
