/** Command {@code deadletters}. Reads topic {@code hub.dead-letters}, writes {@code hub.dead-letter-actions}. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.deadletters;
