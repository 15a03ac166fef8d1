package io.millrace.hub.config;

import io.millrace.platform.data.DataDirectory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a running hub tells over HTTP. */
public final class RunningHub {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private RunningHub() {}

    /** The body of an answer; empty if no hub answers. */
    public static Optional<String> get(HubConfig config, String path) {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(url(config) + path))
                            .timeout(LIMIT)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
        } catch (IOException notRunning) {
            return Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Where its web server is, as far as is known, e.g. {@code http://127.0.0.1:8080}. */
    public static String url(HubConfig config) {
        Map<String, Object> last = DataDirectory.running(config.data());
        Object started = last.get("http.url");
        // What runs in this directory may not be what this configuration is of.
        boolean same = Set.of(HubConfig.EMBEDDED, String.valueOf(last.get("kafka.bootstrap-servers")))
                .contains(config.kafka().bootstrapServers());
        return started != null && same
                ? started.toString()
                : "http://" + config.http().address() + ":" + config.http().port();
    }
}
