/** What hubs run with, and flags, over HTTP. Reads and writes schema {@code access}. */
@NullMarked
package io.millrace.gateway.settings;

import org.jspecify.annotations.NullMarked;
