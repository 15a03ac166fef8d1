package io.millrace.enrichment.llm;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.RequestOptions;
import com.anthropic.errors.AnthropicException;
import com.anthropic.errors.AnthropicInvalidDataException;
import com.anthropic.errors.AnthropicIoException;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.errors.OverloadedException;
import com.anthropic.models.messages.JsonOutputFormat;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.OutputConfig;
import com.anthropic.models.messages.StopReason;
import io.millrace.enrichment.llm.Answer.Action;
import java.util.Map;
import java.util.stream.Collectors;

/** Anthropic's API. */
public final class AnthropicLlm implements Llm {
    private final AnthropicClient client;

    /**
     * @param url empty for the provider's own
     * @param key never shows in texts
     */
    public AnthropicLlm(String url, String key) {
        AnthropicOkHttpClient.Builder builder =
                AnthropicOkHttpClient.builder().apiKey(key).maxRetries(0);
        this.client = (url.isEmpty() ? builder : builder.baseUrl(url)).build();
    }

    @Override
    public Answer ask(Question question) {
        JsonOutputFormat.Schema.Builder schema = JsonOutputFormat.Schema.builder();
        for (Map.Entry<String, Object> part : question.schema().entrySet()) {
            schema.putAdditionalProperty(part.getKey(), JsonValue.from(part.getValue()));
        }
        MessageCreateParams params = MessageCreateParams.builder()
                .model(question.model())
                .maxTokens(question.maxTokens())
                .system(question.system())
                .addUserMessage(question.text())
                .outputConfig(OutputConfig.builder()
                        .format(JsonOutputFormat.builder()
                                .schema(schema.build())
                                .build())
                        .build())
                .build();
        RequestOptions options =
                RequestOptions.builder().timeout(question.deadline()).build();
        try {
            return answer(client.messages().create(params, options));
        } catch (OverloadedException busy) {
            return new Answer.Failed(Action.FALL_BACK, said(busy));
        } catch (AnthropicServiceException failed) {
            return failed(failed);
        } catch (AnthropicIoException lost) {
            return new Answer.Failed(Action.RETRY, "no answer in time, or no connection: " + cause(lost));
        } catch (AnthropicInvalidDataException unreadable) {
            return new Answer.Failed(Action.PERMANENT, "the answer cannot be read");
        } catch (AnthropicException other) {
            return new Answer.Failed(Action.RETRY, other.getClass().getSimpleName());
        }
    }

    private static Answer answer(Message message) {
        long input = message.usage().inputTokens();
        long output = message.usage().outputTokens();
        StopReason stop = message.stopReason().orElse(StopReason.END_TURN);
        if (stop.equals(StopReason.REFUSAL)) {
            return new Answer.Refused(message.model().asString(), input, output, message.id());
        }
        if (stop.equals(StopReason.MAX_TOKENS)) {
            return new Answer.Truncated(input, output);
        }
        String text = message.content().stream()
                .flatMap(block -> block.text().stream())
                .map(block -> block.text())
                .collect(Collectors.joining());
        return new Answer.Given(text, message.model().asString(), input, output, message.id());
    }

    private static Answer failed(AnthropicServiceException failed) {
        int status = failed.statusCode();
        String said = said(failed);
        if (said.contains("spend_limit")) {
            return new Answer.Failed(Action.STOP_AND_PAGE, said);
        }
        Long after = failed.headers().values("retry-after").stream()
                .filter(value -> value.matches("\\d{1,6}"))
                .map(Long::valueOf)
                .findFirst()
                .orElse(null);
        return switch (status) {
            case 401, 402, 403 -> new Answer.Failed(Action.STOP_AND_PAGE, said);
            case 408, 409, 429 -> new Answer.Failed(Action.RETRY, said, after);
            case 529 -> new Answer.Failed(Action.FALL_BACK, said);
            default ->
                status >= 500
                        ? new Answer.Failed(Action.RETRY, said, after)
                        : new Answer.Failed(Action.PERMANENT, said);
        };
    }

    /** In one line of bounded length. */
    private static String said(AnthropicServiceException failed) {
        String body = String.valueOf(failed.body()).strip().replaceAll("\\s+", " ");
        return failed.statusCode() + " " + (body.length() > 300 ? body.substring(0, 300) + "…" : body);
    }

    private static String cause(AnthropicIoException lost) {
        return lost.getCause() == null
                ? String.valueOf(lost.getMessage())
                : lost.getCause().toString();
    }
}
