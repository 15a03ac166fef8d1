/** Explains and classifies with an LLM: what may leave, what it may cost, what it answers. */
@org.jspecify.annotations.NullMarked
package io.millrace.enrichment;
