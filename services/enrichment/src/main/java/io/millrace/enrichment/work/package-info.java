/**
 * Asks by itself. Reads topics {@code governance.alerts}, {@code views.<view>} of views with recipes and
 * {@code hub.dead-letter-actions}; writes the ledger, topics {@code enrichment.results} and {@code hub.dead-letters}.
 */
@org.jspecify.annotations.NullMarked
package io.millrace.enrichment.work;
