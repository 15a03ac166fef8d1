/**
 * Plans at work: operators that turn changes of tables into changes of views, set at a time.
 *
 * <p>Reads deltas of tables; gives net changes of views. Knows nothing of Kafka.
 */
@NullMarked
package io.millrace.views.engine;

import org.jspecify.annotations.NullMarked;
