/** Who reaches the gateway, and what they may do there. Reads and writes schema {@code access} of the analytics database. */
@NullMarked
package io.millrace.operations.access;

import org.jspecify.annotations.NullMarked;
