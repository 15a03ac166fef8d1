package io.millrace.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One connection to a hub's gateway, which is made again whenever it breaks off; each view goes on where it was. Listeners are called by
 * one thread, one after the other: what takes long holds the next change up, and the gateway then sends fewer, larger ones.
 */
public final class MillraceClient implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Logger LOG = LoggerFactory.getLogger(MillraceClient.class);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final long FIRST_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;

    /** A gateway that says nothing for so long, not even pings, is away. */
    private static final Duration SILENT = Duration.ofSeconds(60);

    private static final int REFUSED = 4401;

    private final URI address;
    private final String key;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT).build();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread made = new Thread(work, "millrace-client");
        made.setDaemon(true);
        return made;
    });
    private final AtomicInteger ids = new AtomicInteger();

    /** All that follows is used by the thread alone. */
    private final Map<String, LiveView> views = new LinkedHashMap<>();

    private @Nullable Connection connection;

    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private boolean closed;
    private @Nullable Problem ended;

    private MillraceClient(URI address, String key) {
        this.address = address;
        this.key = key;
    }

    /**
     * Begins to connect, and does not wait for it.
     *
     * @param hub such as {@code http://127.0.0.1:8080}
     * @param key with the permission views:read
     */
    public static MillraceClient connect(URI hub, String key) {
        String base = hub.toString().replaceFirst("^http", "ws").replaceFirst("/$", "");
        MillraceClient client = new MillraceClient(URI.create(base + "/api/v1/live"), key);
        client.thread.execute(client::open);
        Future<?> unused = client.thread.scheduleWithFixedDelay(client::requireSound, 5, 5, TimeUnit.SECONDS);
        return client;
    }

    /** @param listener is told of each change, after the rows have it */
    public LiveView follow(ViewRequest request, Consumer<Change> listener) {
        LiveView view = new LiveView(String.valueOf(ids.incrementAndGet()), request, listener);
        thread.execute(() -> {
            Connection open = connection;
            Problem never = ended;
            if (never != null) {
                view.trouble(never, true);
                return;
            }
            views.put(view.id(), view);
            if (open != null) {
                subscribe(open, view);
            }
        });
        return view;
    }

    /** Its rows stay as they are. */
    public void leave(LiveView view) {
        thread.execute(() -> {
            views.remove(view.id());
            Connection open = connection;
            if (open != null) {
                open.send(Map.of("type", "unsubscribe", "id", view.id()));
            }
        });
    }

    private void open() {
        if (closed || connection != null) {
            return;
        }
        Connection fresh = new Connection();
        try {
            fresh.socket = http.newWebSocketBuilder()
                    .connectTimeout(CONNECT_LIMIT)
                    .header("Authorization", "Bearer " + key)
                    .buildAsync(address, fresh)
                    .join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof WebSocketHandshakeException refused
                    && refused.getResponse().statusCode() == 401) {
                end(new Problem(
                        "urn:millrace:problem:bad-key",
                        "the gateway at " + address + " does not accept the key",
                        "create another: millrace keys create"));
                return;
            }
            again(String.valueOf(failed.getCause()));
            return;
        }
        connection = fresh;
        views.values().forEach(view -> subscribe(fresh, view));
    }

    private void subscribe(Connection open, LiveView view) {
        ViewRequest request = view.request();
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("type", "subscribe");
        message.put("id", view.id());
        message.put("to", "view");
        message.put("view", request.view());
        message.put("columns", request.columns());
        message.put("filter", request.filters());
        message.put("every", request.every().toMillis() + "ms");
        message.putAll(view.resume());
        open.send(message);
    }

    private void received(Connection from, String text) {
        if (from != connection) {
            return;
        }
        pauseMillis = FIRST_PAUSE_MILLIS;
        JsonNode message = JSON.readTree(text);
        LiveView view = views.get(message.path("id").asString(""));
        if (view == null) {
            return;
        }
        if (message.path("type").asString().equals("problem")) {
            JsonNode told = message.path("problem");
            boolean ended = message.path("ended").asBoolean();
            view.trouble(
                    new Problem(
                            told.path("type").asString(),
                            told.path("detail").asString(),
                            told.path("remedy").asString()),
                    ended);
            if (ended) {
                views.remove(view.id());
            }
            return;
        }
        boolean follows = true;
        try {
            follows = view.take(message);
        } catch (RuntimeException failed) {
            LOG.error("a listener of view {} failed", view.request().view(), failed);
        }
        if (!follows) {
            LOG.warn(
                    "a message about view {} is missing: it is read anew",
                    view.request().view());
            from.send(Map.of("type", "unsubscribe", "id", view.id()));
            subscribe(from, view);
        }
    }

    private void requireSound() {
        Connection open = connection;
        if (open != null && System.nanoTime() - open.heardAt > SILENT.toNanos()) {
            open.abort();
            lost(open, 0, "the gateway says nothing");
        }
    }

    private void lost(Connection from, int code, String why) {
        if (from != connection) {
            return;
        }
        connection = null;
        if (code == REFUSED) {
            end(new Problem("urn:millrace:problem:bad-key", why, "create another key: millrace keys create"));
        } else {
            again(why);
        }
    }

    private void again(String why) {
        if (closed) {
            return;
        }
        long pause = ThreadLocalRandom.current().nextLong(pauseMillis);
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
        LOG.debug("{}: {}; connecting again in {} ms", address, why, pause);
        views.values()
                .forEach(view -> view.trouble(
                        new Problem(
                                "urn:millrace:problem:unavailable",
                                "the gateway at " + address + " is away: " + why,
                                "wait: the client connects again by itself"),
                        false));
        Future<?> unused = thread.schedule(this::open, pause, TimeUnit.MILLISECONDS);
    }

    /** No connection will do any more. */
    private void end(Problem why) {
        ended = why;
        views.values().forEach(view -> view.trouble(why, true));
        views.clear();
    }

    @Override
    public void close() {
        thread.execute(() -> {
            closed = true;
            Connection open = connection;
            connection = null;
            if (open != null) {
                open.abort();
            }
        });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException stopping) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** Hands over to the thread what comes; asks for the next message when that has taken the one before. */
    private final class Connection implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();
        private volatile long heardAt = System.nanoTime();
        private @Nullable WebSocket socket;

        void send(Map<String, ?> message) {
            WebSocket open = socket;
            if (open != null) {
                try {
                    open.sendText(JSON.writeValueAsString(message), true).join();
                } catch (CompletionException gone) {
                    LOG.debug("cannot send to {}: {}", address, gone.getMessage());
                }
            }
        }

        void abort() {
            WebSocket open = socket;
            if (open != null) {
                open.abort();
            }
        }

        private void perform(Runnable work) {
            if (!thread.isShutdown()) {
                thread.execute(work);
            }
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            heardAt = System.nanoTime();
            text.append(part);
            if (!last) {
                from.request(1);
                return null;
            }
            String message = text.toString();
            text.setLength(0);
            perform(() -> {
                received(this, message);
                heardAt = System.nanoTime();
                from.request(1);
            });
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPing(WebSocket from, java.nio.ByteBuffer message) {
            heardAt = System.nanoTime();
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            perform(() -> lost(this, code, reason.isEmpty() ? "closed with " + code : reason));
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable failure) {
            perform(() -> lost(this, 0, String.valueOf(failure)));
        }
    }
}
