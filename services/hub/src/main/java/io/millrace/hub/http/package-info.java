/**
 * Health, metrics and the sizes of views over HTTP.
 *
 * <p>Reads the status of the running roles; writes nothing.
 */
@NullMarked
package io.millrace.hub.http;

import org.jspecify.annotations.NullMarked;
