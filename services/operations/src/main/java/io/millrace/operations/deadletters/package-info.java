/** What could not be processed. Reads topic {@code hub.dead-letters}, writes {@code hub.dead-letter-actions}. */
@NullMarked
package io.millrace.operations.deadletters;

import org.jspecify.annotations.NullMarked;
