/**
 * {@code millrace demo}: real servers, a business that trades, and the hub as a child process, as in production.
 *
 * <p>Reads and writes everything, under one data directory.
 */
@NullMarked
package io.millrace.hub.demo;

import org.jspecify.annotations.NullMarked;
