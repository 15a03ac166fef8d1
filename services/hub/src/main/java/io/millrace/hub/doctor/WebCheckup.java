package io.millrace.hub.doctor;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** Whether somebody answers at an address of the web. Keys are not tried: that may cost money. */
final class WebCheckup {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private WebCheckup() {}

    /** @param key of the configuration that has the address */
    static List<Finding> look(String part, String key, String url) throws InterruptedException {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(url)).timeout(LIMIT).build();
            client.send(request, HttpResponse.BodyHandlers.discarding());
            return List.of(Finding.ok(part, host(url) + " answers; the key is tried when it is needed"));
        } catch (IOException away) {
            return List.of(Finding.problem(
                    part,
                    "no answer from " + host(url) + ": " + Reason.of(away),
                    "see whether this machine may reach it (proxy, firewall), and whether " + key + " is right"));
        }
    }

    /** Without who asks, and without a path, which may be a secret. */
    private static String host(String url) {
        URI address = URI.create(url);
        return address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
    }
}
