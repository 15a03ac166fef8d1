/**
 * What the development artefact has beside the hub: {@code millrace demo} (real servers, a business that trades, and the hub as a child
 * process, as in production), and the servers that a configuration names no address of.
 *
 * <p>Reads and writes everything, under one data directory.
 */
@NullMarked
package io.millrace.demo.run;

import org.jspecify.annotations.NullMarked;
