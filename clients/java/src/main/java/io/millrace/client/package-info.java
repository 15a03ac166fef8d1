/** For applications: follows views of a hub, and keeps their rows. Reads the hub's {@code /api/v1/live}. */
@NullMarked
package io.millrace.client;

import org.jspecify.annotations.NullMarked;
