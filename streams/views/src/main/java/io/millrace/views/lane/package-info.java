/**
 * The work of one lane, without Kafka: epochs are put together from their parts, a step nets their changes and runs them through the
 * operators, and what comes out becomes view rows, batches, violations and dead letters.
 *
 * <p>Reads epochs; keeps its state in stores that it is given, and writes records to whoever takes them.
 */
@NullMarked
package io.millrace.views.lane;

import org.jspecify.annotations.NullMarked;
