package io.millrace.gateway;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A WebSocket, and all that came on it. */
final class RawClient implements WebSocket.Listener, AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    final List<JsonNode> messages = new CopyOnWriteArrayList<>();
    final CompletableFuture<String> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private final WebSocket socket;
    private volatile boolean reading = true;

    /** @param key null for none in the handshake */
    RawClient(String url, @Nullable String key) throws Exception {
        this(key == null ? List.of() : List.of("Authorization", "Bearer " + key), url);
    }

    /** A page's. */
    static RawClient withCookie(String url, String cookie) throws Exception {
        return new RawClient(List.of("Cookie", cookie), url);
    }

    /** @param headers of the handshake, names and values by turns */
    private RawClient(List<String> headers, String url) throws Exception {
        WebSocket.Builder builder = HTTP.newWebSocketBuilder();
        for (int i = 0; i < headers.size(); i += 2) {
            builder.header(headers.get(i), headers.get(i + 1));
        }
        socket = builder.buildAsync(URI.create(url.replaceFirst("^http", "ws") + "/api/v1/live"), this)
                .get(20, TimeUnit.SECONDS);
    }

    void send(String message) {
        socket.sendText(message, true).join();
    }

    /** Reads nothing any more. */
    void stopReading() {
        reading = false;
    }

    void abort() {
        socket.abort();
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        text.append(part);
        if (last) {
            messages.add(JSON.readTree(text.toString()));
            text.setLength(0);
        }
        if (reading) {
            from.request(1);
        }
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed.complete(code + " " + reason);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        closed.complete("error " + failure);
    }

    @Override
    public void close() {
        socket.abort();
    }
}
