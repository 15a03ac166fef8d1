/**
 * The catalog's view files, and what is wrong with them.
 *
 * <p>Reads {@code catalog/views/*.sql}; writes nothing.
 */
@NullMarked
package io.millrace.views.catalog;

import org.jspecify.annotations.NullMarked;
