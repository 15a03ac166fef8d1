package io.millrace.hub.run;

import io.millrace.enrichment.work.Enrichments;

/** Questions to an LLM. */
record EnrichmentPart(Enrichments enrichments) implements LateRole.Part {
    @Override
    public boolean ready() {
        return enrichments.ready();
    }

    @Override
    public String detail() {
        return enrichments.detail();
    }

    @Override
    public void close() {
        enrichments.close();
    }
}
