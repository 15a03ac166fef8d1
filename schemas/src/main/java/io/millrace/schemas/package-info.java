/**
 * The names and positions that flow through the hub, and its topics: each topic's name is written here, once.
 *
 * <p>Reads and writes nothing itself.
 */
@NullMarked
package io.millrace.schemas;

import org.jspecify.annotations.NullMarked;
