/**
 * Schemas by id: a client of any registry with the Confluent API, and serdes in the Confluent wire format.
 *
 * <p>Reads and writes the registry's subjects {@code <topic>-key} and {@code <topic>-value}.
 */
@NullMarked
package io.millrace.schemas.registry;

import org.jspecify.annotations.NullMarked;
