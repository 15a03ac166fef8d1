/**
 * Whether views are what their queries give at the source. Reads the source's tables, as the views' own SQL does, and schema
 * {@code analytics}; writes an empty transaction into the source's log, to know when views must have what was read.
 */
@NullMarked
package io.millrace.operations.compare;

import org.jspecify.annotations.NullMarked;
