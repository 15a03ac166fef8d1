/** The data directory of a process. Reads and writes {@code .millrace-data}, {@code .lock} and {@code endpoints.json} in it. */
@NullMarked
package io.millrace.platform.data;

import org.jspecify.annotations.NullMarked;
