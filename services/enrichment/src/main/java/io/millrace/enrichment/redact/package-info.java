/** What may leave, without names and numbers of people. */
@org.jspecify.annotations.NullMarked
package io.millrace.enrichment.redact;
