/** Command {@code enrich}. Reads recipes and what they are about; asks the LLM that the configuration names. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.enrich;
