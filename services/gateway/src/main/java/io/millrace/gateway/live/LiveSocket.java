package io.millrace.gateway.live;

import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Routes;
import io.millrace.operations.access.Caller;
import io.millrace.platform.failure.Suggestion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PingMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;

/**
 * One connection. A thread of its own sends everything, message by message, so what it has in hand is one message; what the client says
 * waits in a short queue.
 */
final class LiveSocket implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveSocket.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration PING = Duration.ofSeconds(20);
    private static final Duration SILENT = Duration.ofSeconds(60);
    private static final Duration KEY_WITHIN = Duration.ofSeconds(10);
    private static final int MOST_SUBSCRIPTIONS = 100;
    private static final int MOST_REQUESTS = 100;
    private static final int LONGEST_REASON = 120;

    private final WebSocketSession session;
    private final Map<String, FeedKind> kinds;
    private final Doorkeeper door;
    private final String from;
    private final long openedAt = System.nanoTime();
    private final Queue<Request> requests = new ArrayBlockingQueue<>(MOST_REQUESTS);
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private volatile @Nullable Thread thread;
    private volatile @Nullable CloseStatus ending;
    private volatile long heardAt = openedAt;
    private @Nullable Caller key;
    private long pingedAt = openedAt;
    private long tickedAt = openedAt;

    /** @param key of the handshake; null if the client will send one */
    LiveSocket(WebSocketSession session, @Nullable Caller key, Map<String, FeedKind> kinds, Doorkeeper door) {
        this.session = session;
        this.key = key;
        this.kinds = kinds;
        this.door = door;
        this.from = LiveSockets.address(session);
    }

    void start() {
        Thread own = Thread.ofVirtual().name("gateway-live-" + session.getId()).unstarted(this);
        // Before it begins, so that whoever wakes it knows it.
        thread = own;
        own.start();
    }

    /** The client said something. */
    void received(String text) {
        heard();
        if (!requests.offer(Request.parse(text))) {
            end(new CloseStatus(
                    4429,
                    "more than " + MOST_REQUESTS + " messages wait: send them when the ones before are answered"));
        }
        wake();
    }

    /** The client is there. */
    void heard() {
        heardAt = System.nanoTime();
    }

    /** Something changed that a subscription may tell of. */
    void wakeIfWaiting() {
        for (Subscription subscription : subscriptions) {
            if (subscription.isWaiting()) {
                wake();
                return;
            }
        }
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    /** Has it closed for this reason. */
    void end(CloseStatus why) {
        if (ending == null) {
            ending = why;
        }
        wake();
    }

    /** Waits until it is closed, but not longer than so long. */
    void join(Duration limit) throws InterruptedException {
        Thread own = thread;
        if (own != null) {
            own.join(limit);
        }
    }

    @Override
    public void run() {
        try {
            while (ending == null && session.isOpen()) {
                boolean told = answerRequests();
                for (Subscription subscription : subscriptions) {
                    told |= tell(subscription);
                }
                tick();
                if (!told && ending == null) {
                    LockSupport.parkNanos(this, rest().toNanos());
                }
            }
        } catch (IOException | IllegalStateException gone) {
            // A client that reads nothing for so long that its connection is full is closed by the send's time limit.
            LOG.debug("gateway: the connection {} broke off: {}", session.getId(), gone.getMessage());
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error failed) {
            LOG.error("gateway: the connection {} ends, since its thread failed", session.getId(), failed);
            end(CloseStatus.SERVER_ERROR);
        } finally {
            close();
        }
    }

    private Duration rest() {
        Duration shortest = TICK;
        for (Subscription subscription : subscriptions) {
            Duration rest = subscription.rest();
            shortest = rest.compareTo(shortest) < 0 ? rest : shortest;
        }
        return shortest;
    }

    private void close() {
        CloseStatus why = ending;
        try {
            session.close(why == null ? CloseStatus.GOING_AWAY : why);
        } catch (IOException | RuntimeException gone) {
            LOG.debug("gateway: the connection {} was closed already: {}", session.getId(), gone.getMessage());
        }
    }

    private boolean answerRequests() throws IOException {
        boolean any = false;
        for (Request request = requests.poll(); request != null; request = requests.poll()) {
            any = true;
            switch (request) {
                case Request.Wrong wrong -> send(Subscription.Messages.problem(null, wrong.problem(), false));
                case Request.Key said -> accept(said.text());
                case Request.Unsubscribe said ->
                    subscriptions.removeIf(each -> each.id().equals(said.id()));
                case Request.Subscribe said -> subscribe(said);
            }
        }
        return any;
    }

    private void accept(String text) throws IOException {
        try {
            if (key != null) {
                // Also a page's session, whose cookie came with the handshake.
                throw new Problem(
                        Problem.Kind.CONFLICT,
                        "this connection has a key already",
                        "open another connection for another key");
            }
            key = door.accept(text, from);
        } catch (Problem refused) {
            boolean ends = key == null;
            send(Subscription.Messages.problem(null, refused, ends));
            if (ends) {
                end(status(4401, "the key is not accepted"));
            }
        }
    }

    private void subscribe(Request.Subscribe said) throws IOException {
        try {
            subscriptions.add(new Subscription(said.id(), feed(said)));
        } catch (RuntimeException refused) {
            send(Subscription.refused(said.id(), refused));
        }
    }

    private Feed feed(Request.Subscribe said) {
        FeedKind kind = kinds.get(said.to());
        if (kind == null) {
            throw new Problem(
                    Problem.Kind.BAD_MESSAGE,
                    "nothing is called '" + said.to() + "'" + Suggestion.of(said.to(), kinds.keySet()),
                    "'to' is one of " + String.join(", ", kinds.keySet()));
        }
        Caller known = Routes.requirePermission(kind.permission(), key);
        if (subscriptions.stream().anyMatch(each -> each.id().equals(said.id()))) {
            throw new Problem(
                    Problem.Kind.CONFLICT,
                    "there is a subscription '" + said.id() + "' already",
                    "take another id, or unsubscribe first");
        }
        if (subscriptions.size() >= MOST_SUBSCRIPTIONS) {
            throw new Problem(
                    Problem.Kind.TOO_MANY,
                    "this connection has " + MOST_SUBSCRIPTIONS + " subscriptions",
                    "unsubscribe from some, or open another connection");
        }
        return kind.opener().open(kind.arguments(said.said()), known);
    }

    private boolean tell(Subscription subscription) throws IOException, InterruptedException {
        byte[] message = subscription.next();
        if (message != null) {
            send(message);
        }
        if (subscription.isOver()) {
            subscriptions.remove(subscription);
        }
        return message != null;
    }

    private void send(byte[] message) throws IOException {
        session.sendMessage(new TextMessage(message));
    }

    private void tick() throws IOException {
        long now = System.nanoTime();
        if (now - tickedAt < TICK.toNanos()) {
            return;
        }
        tickedAt = now;
        if (now - heardAt > SILENT.toNanos()) {
            end(status(4408, "the client answered no ping for " + SILENT.toSeconds() + " s"));
        } else if (now - pingedAt > PING.toNanos()) {
            pingedAt = now;
            session.sendMessage(new PingMessage());
        }
        Caller known = key;
        if (known == null) {
            if (now - openedAt > KEY_WITHIN.toNanos()) {
                end(status(4401, "no key came within " + KEY_WITHIN.toSeconds() + " s"));
            }
            return;
        }
        try {
            Optional<? extends Caller> still = door.inForce(known);
            if (still.isEmpty()) {
                end(status(4401, known.said() + " is not in force any more"));
            }
        } catch (Problem unknown) {
            // While keys cannot be looked up, nobody is locked out.
            LOG.debug("gateway: {} cannot be looked up: {}", known.said(), unknown.getMessage());
        }
    }

    /** The protocol allows 123 bytes. */
    private static CloseStatus status(int code, String why) {
        byte[] bytes = why.getBytes(StandardCharsets.UTF_8);
        return new CloseStatus(
                code,
                bytes.length <= LONGEST_REASON ? why : new String(bytes, 0, LONGEST_REASON, StandardCharsets.US_ASCII));
    }
}
