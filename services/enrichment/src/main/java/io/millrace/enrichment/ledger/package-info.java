/** The durable ledger of questions: schema {@code enrichment} of the analytics database. */
@org.jspecify.annotations.NullMarked
package io.millrace.enrichment.ledger;
