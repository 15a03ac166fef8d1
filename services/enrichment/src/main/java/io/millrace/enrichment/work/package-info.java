/**
 * Asks by itself. Reads topic {@code governance.alerts}, writes topic {@code enrichment.results} and the ledger.
 */
@org.jspecify.annotations.NullMarked
package io.millrace.enrichment.work;
