/**
 * Knows who asks: a program by its key, a person by the cookie of a session. Reads and writes schema {@code access}: when keys and
 * sessions were used last, and what was refused.
 */
@NullMarked
package io.millrace.gateway.door;

import org.jspecify.annotations.NullMarked;
