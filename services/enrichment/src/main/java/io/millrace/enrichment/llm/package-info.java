/** Those who answer: Anthropic's API; what their failures mean. */
@org.jspecify.annotations.NullMarked
package io.millrace.enrichment.llm;
