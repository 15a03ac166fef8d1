/**
 * The one configuration file, and where the servers are.
 *
 * <p>Reads the file given by {@code --config}; writes nothing.
 */
@NullMarked
package io.millrace.hub.config;

import org.jspecify.annotations.NullMarked;
