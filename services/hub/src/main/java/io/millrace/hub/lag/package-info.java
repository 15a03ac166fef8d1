/** Command {@code lag}. Reads a running hub's report, or takes samples itself. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.lag;
