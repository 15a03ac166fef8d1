/** What an LLM said. Reads {@code analytics.enrichment}. */
@NullMarked
package io.millrace.operations.enrichment;

import org.jspecify.annotations.NullMarked;
