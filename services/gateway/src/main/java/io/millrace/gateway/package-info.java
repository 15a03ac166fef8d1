/** REST over the analytics database. Reads schemas {@code analytics}, {@code audit} and {@code access}. */
@NullMarked
package io.millrace.gateway;

import org.jspecify.annotations.NullMarked;
