package io.millrace.enrichment.llm;

import java.util.Map;

/** Several providers: the model's name says who is asked. {@code openai/NAME} is a model of OpenAI's or a compatible server. */
public final class LlmProviders implements Llm {
    public static final String ANTHROPIC = "anthropic";
    public static final String OPENAI = "openai";

    private final Map<String, Llm> providers;

    /** @param providers by name */
    public LlmProviders(Map<String, Llm> providers) {
        this.providers = Map.copyOf(providers);
    }

    /** Anthropic's, unless the name says another one. */
    public static String provider(String model) {
        return model.startsWith(OPENAI + "/") ? OPENAI : ANTHROPIC;
    }

    @Override
    public Answer ask(Question question) {
        String provider = provider(question.model());
        Llm llm = providers.get(provider);
        if (llm == null) {
            return new Answer.Failed(
                    Answer.Action.STOP_AND_PAGE, "there is no key of " + provider + " in the configuration");
        }
        return llm.ask(provider.equals(OPENAI) ? withModel(question) : question);
    }

    private static Question withModel(Question question) {
        return new Question(
                question.model().substring(OPENAI.length() + 1),
                question.system(),
                question.text(),
                question.schema(),
                question.maxTokens(),
                question.deadline());
    }
}
