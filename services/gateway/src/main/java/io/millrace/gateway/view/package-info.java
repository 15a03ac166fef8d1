/**
 * Rows of views and reports, at once and as they change, with the position in the source's log that they are the result of. Reads schema
 * {@code analytics}; for who follows views, the keys that change, in topic {@code views.updates}.
 */
@NullMarked
package io.millrace.gateway.view;

import org.jspecify.annotations.NullMarked;
