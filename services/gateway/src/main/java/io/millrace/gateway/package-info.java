/** REST and WebSockets over the analytics database. Reads schemas {@code analytics}, {@code audit}, {@code access} and {@code notifications}. */
@NullMarked
package io.millrace.gateway;

import org.jspecify.annotations.NullMarked;
