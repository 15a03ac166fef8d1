/**
 * The command line: each command is one class.
 *
 * <p>Reads the configuration file and the catalog; what a command starts reads and writes the rest.
 */
@NullMarked
package io.millrace.hub;

import org.jspecify.annotations.NullMarked;
