package io.millrace.hub;

import io.millrace.embedded.EmbeddedStack;
import io.millrace.hub.config.HubConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What the views of a running hub keep in memory. */
final class StateSizes {
    private static final Duration LIMIT = Duration.ofSeconds(3);

    private StateSizes() {}

    /** By node; empty if no hub answers. */
    static Optional<Map<String, Long>> ask(HubConfig config) {
        Object started = EmbeddedStack.lastEndpoints(config.data()).get("http.url");
        String base = started != null && config.source().url().equals(HubConfig.EMBEDDED)
                ? started.toString()
                : "http://" + config.http().address() + ":" + config.http().port();
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(base + "/actuator/views"))
                            .timeout(LIMIT)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200
                    ? Optional.of(JsonMapper.builder()
                            .build()
                            .readValue(answer.body(), new TypeReference<Map<String, Long>>() {}))
                    : Optional.empty();
        } catch (IOException notRunning) {
            return Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
