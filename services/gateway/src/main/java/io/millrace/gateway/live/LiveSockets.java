package io.millrace.gateway.live;

import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Problems;
import io.millrace.operations.access.Caller;
import io.millrace.platform.metrics.HubMetric;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.security.core.Authentication;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PongMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.adapter.NativeWebSocketSession;
import org.springframework.web.socket.handler.TextWebSocketHandler;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;
import org.springframework.web.socket.server.support.OriginHandshakeInterceptor;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;

/** All connections to {@value #PATH}. */
public final class LiveSockets extends TextWebSocketHandler implements AutoCloseable {
    public static final String PATH = Endpoint.BASE + "/live";

    private static final int MOST = 2_000;
    private static final int MOST_OF_A_KEY = 200;
    private static final int LONGEST_MESSAGE = 16 * 1024;

    /** A client that takes nothing for so long is closed. */
    private static final Duration SEND_LIMIT = Duration.ofSeconds(10);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
    private static final CloseStatus RESTART =
            new CloseStatus(CloseStatus.SERVICE_RESTARTED.getCode(), "the gateway ends: connect again, with 'after'");

    /** Before what answers the other paths below {@code /api/v1}. */
    private static final int ORDER = -10;

    private final Map<String, FeedKind> kinds = new LinkedHashMap<>();
    private final Doorkeeper door;
    private final Runnable opened;
    private final Map<String, LiveSocket> sockets = new ConcurrentHashMap<>();
    private final Map<String, Integer> byKey = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param opened is told of each connection */
    public LiveSockets(List<FeedKind> kinds, Doorkeeper door, Runnable opened) {
        kinds.forEach(kind -> this.kinds.put(kind.name(), kind));
        this.door = door;
        this.opened = opened;
    }

    /** Open connections. */
    public int count() {
        return sockets.size();
    }

    /** Leads requests for the path here. A page of another site may not connect. */
    public HandlerMapping mapping() {
        WebSocketHttpRequestHandler handler = new WebSocketHttpRequestHandler(this, new Handshake());
        handler.setHandshakeInterceptors(List.of(new OriginHandshakeInterceptor()));
        return new SimpleUrlHandlerMapping(Map.of(PATH, handler), ORDER);
    }

    /** The views moved: connections that wait for that have something to tell. */
    public void moved() {
        sockets.values().forEach(LiveSocket::wakeIfWaiting);
    }

    @Override
    public void afterConnectionEstablished(WebSocketSession session) throws IOException {
        Caller key = session.getPrincipal() instanceof Authentication who && who.getPrincipal() instanceof Caller known
                ? known
                : null;
        String who = who(session, key);
        int own = byKey.merge(who, 1, Integer::sum);
        LiveSocket socket = new LiveSocket(session, key, kinds, door);
        sockets.put(session.getId(), socket);
        session.getAttributes().put("who", who);
        session.setTextMessageSizeLimit(LONGEST_MESSAGE);
        if (session instanceof NativeWebSocketSession natively) {
            jakarta.websocket.Session tomcat = natively.getNativeSession(jakarta.websocket.Session.class);
            if (tomcat != null) {
                tomcat.getUserProperties()
                        .put("org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT", SEND_LIMIT.toMillis());
            }
        }
        HubMetric.GATEWAY_SOCKETS.gauge(sockets.size());
        if (closed) {
            socket.end(RESTART);
        } else if (sockets.size() > MOST) {
            socket.end(
                    new CloseStatus(4429, "this gateway has " + MOST + " connections: connect to another, or later"));
        } else if (own > MOST_OF_A_KEY) {
            socket.end(new CloseStatus(4429, MOST_OF_A_KEY + " connections of one key: subscribe to more on each"));
        }
        opened.run();
        socket.start();
    }

    /** Who is counted: a key, or an address that sent none yet. */
    private static String who(WebSocketSession session, @Nullable Caller key) {
        return key != null ? key.said() : "address " + address(session);
    }

    /** Of the client; empty if it is gone. */
    static String address(WebSocketSession session) {
        InetSocketAddress remote = session.getRemoteAddress();
        return remote == null ? "" : remote.getAddress().getHostAddress();
    }

    @Override
    protected void handleTextMessage(WebSocketSession session, TextMessage message) {
        LiveSocket socket = sockets.get(session.getId());
        if (socket != null) {
            socket.received(message.getPayload());
        }
    }

    @Override
    protected void handlePongMessage(WebSocketSession session, PongMessage message) {
        LiveSocket socket = sockets.get(session.getId());
        if (socket != null) {
            socket.heard();
        }
    }

    @Override
    public void handleTransportError(WebSocketSession session, Throwable broken) {
        // The close comes next.
    }

    @Override
    public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
        LiveSocket socket = sockets.remove(session.getId());
        if (socket != null) {
            byKey.computeIfPresent(
                    String.valueOf(session.getAttributes().get("who")), (who, count) -> count == 1 ? null : count - 1);
            HubMetric.GATEWAY_SOCKETS.gauge(sockets.size());
            socket.end(status);
        }
    }

    /** Tells every client to connect again, and waits a moment until they are told. */
    @Override
    public void close() {
        closed = true;
        List<LiveSocket> open = List.copyOf(sockets.values());
        open.forEach(socket -> socket.end(RESTART));
        long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
        try {
            for (LiveSocket socket : open) {
                socket.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** A request that is no handshake is answered with a problem. */
    private static final class Handshake extends DefaultHandshakeHandler {
        @Override
        protected void handleInvalidUpgradeHeader(ServerHttpRequest request, ServerHttpResponse response)
                throws IOException {
            refuse(request, response);
        }

        @Override
        protected void handleInvalidConnectHeader(ServerHttpRequest request, ServerHttpResponse response)
                throws IOException {
            refuse(request, response);
        }

        private static void refuse(ServerHttpRequest request, ServerHttpResponse response) throws IOException {
            if (request instanceof ServletServerHttpRequest asked
                    && response instanceof ServletServerHttpResponse answer) {
                Problems.write(
                        new Problem(
                                Problem.Kind.NO_UPGRADE,
                                PATH + " is a WebSocket",
                                "connect with a WebSocket client: docs/live.md has examples"),
                        asked.getServletRequest(),
                        answer.getServletResponse());
            }
        }
    }
}
