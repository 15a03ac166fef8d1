/**
 * The analytics database: one table a view, reports on top, all lanes applied together, exactly once.
 *
 * <p>Reads {@code views.updates} and {@code views.definitions}; writes schema {@code analytics}.
 * Reads {@code governance.alerts} and {@code governance.audit} too; writes {@code analytics.alert} and {@code audit.record}.
 */
@NullMarked
package io.millrace.sink;

import org.jspecify.annotations.NullMarked;
