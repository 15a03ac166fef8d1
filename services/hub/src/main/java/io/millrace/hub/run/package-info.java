/**
 * {@code millrace run}: the roles of the one application, started in order and stopped in reverse, and the servers that no
 * configuration names.
 *
 * <p>Reads the configuration; each role reads and writes what its module says.
 */
@NullMarked
package io.millrace.hub.run;

import org.jspecify.annotations.NullMarked;
