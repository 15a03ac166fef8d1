package io.millrace.hub.enrich;

import io.millrace.enrichment.llm.AnthropicLlm;
import io.millrace.enrichment.llm.Llm;
import io.millrace.enrichment.llm.LlmProviders;
import io.millrace.enrichment.llm.OpenAiLlm;
import io.millrace.hub.config.HubConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Who is asked, by the configuration. */
public final class ConfiguredLlm {
    private ConfiguredLlm() {}

    /** Empty if nobody is. */
    public static Optional<LlmProviders> of(HubConfig.Llm config) {
        Map<String, Llm> providers = new HashMap<>();
        if (!config.key().isEmpty()) {
            providers.put(
                    LlmProviders.ANTHROPIC,
                    new AnthropicLlm(config.url(), config.key().reveal()));
        }
        HubConfig.OpenAi openAi = config.openai();
        // A server of one's own may want no key.
        if (!openAi.key().isEmpty() || !openAi.url().isEmpty()) {
            providers.put(
                    LlmProviders.OPENAI,
                    new OpenAiLlm(openAi.url(), openAi.key().reveal()));
        }
        return providers.isEmpty() ? Optional.empty() : Optional.of(new LlmProviders(providers));
    }
}
