/** What is done after Kafka lost its data. Reads {@code analytics.alert} and {@code audit.record}; writes topics {@code governance.alerts} and {@code governance.audit}. */
@NullMarked
package io.millrace.operations.recovery;

import org.jspecify.annotations.NullMarked;
