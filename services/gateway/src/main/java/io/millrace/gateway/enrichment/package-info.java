/** What an LLM said, over HTTP. Reads {@code analytics.enrichment}. */
@NullMarked
package io.millrace.gateway.enrichment;

import org.jspecify.annotations.NullMarked;
