/** Rows of views and reports, with the position in the source's log that they are the result of. Reads schema {@code analytics}. */
@NullMarked
package io.millrace.gateway.view;

import org.jspecify.annotations.NullMarked;
