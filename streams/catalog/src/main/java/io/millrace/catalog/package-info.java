/**
 * The catalog's files of views, controls and reports, and what is wrong with them.
 *
 * <p>Reads {@code catalog/views/*.sql}, {@code catalog/controls/*.sql} and {@code catalog/reports/*.sql}; writes nothing.
 */
@NullMarked
package io.millrace.catalog;

import org.jspecify.annotations.NullMarked;
