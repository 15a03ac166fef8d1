/** Dead letters over HTTP. Reads topic {@code hub.dead-letters}, writes {@code hub.dead-letter-actions}. */
@NullMarked
package io.millrace.gateway.deadletter;

import org.jspecify.annotations.NullMarked;
