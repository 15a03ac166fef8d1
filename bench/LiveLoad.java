import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Follows views with many WebSockets. Usage: java bench/LiveLoad.java URL KEY SECONDS QUIET HOT: so many connections to a view that nothing
 * changes, and to one that nearly each epoch changes.
 */
final class LiveLoad {
    private static final Pattern COMMITTED = Pattern.compile("\"committedAt\":\"([^\"]+)\"");
    private static final int MOST_CONNECTIONS_OF_A_KEY = 200;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private LiveLoad() {}

    public static void main(String[] arguments) throws Exception {
        String base = arguments[0];
        String[] keys = arguments[1].split(",");
        int seconds = Integer.parseInt(arguments[2]);
        int quiet = Integer.parseInt(arguments[3]);
        int hot = Integer.parseInt(arguments[4]);
        double idle = cpu(base, seconds);
        double heapBefore = metric(base, "process_resident_memory_bytes");
        AtomicLong messages = new AtomicLong();
        long[] late = new long[10_000_000];
        List<WebSocket> open = new ArrayList<>();
        for (int i = 0; i < quiet + hot; i++) {
            String view = i < quiet ? "negative_stock" : "stock_movements";
            WebSocket socket = HTTP.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + keys[i / MOST_CONNECTIONS_OF_A_KEY])
                    .buildAsync(URI.create(base.replaceFirst("^http", "ws") + "/api/v1/live"), new Counter(messages, late))
                    .get();
            socket.sendText("{\"type\":\"subscribe\",\"id\":\"1\",\"to\":\"view\",\"view\":\"" + view + "\"}", true).get();
            open.add(socket);
        }
        Thread.sleep(5_000);
        messages.set(0);
        double before = metric(base, "process_cpu_time_ns_total") / 1e9;
        Thread.sleep(seconds * 1_000L);
        double cpu = metric(base, "process_cpu_time_ns_total") / 1e9 - before;
        int count = (int) Math.min(messages.get(), late.length);
        long[] sorted = Arrays.copyOf(late, count);
        Arrays.sort(sorted);
        System.out.printf(
                "%d followers, %d of them of a view that changes: %.0f messages/s, commit to message p50 %d ms, p99 %d ms; the hub's CPU %.2f cores, %.2f without followers%n",
                quiet + hot, hot, count / (double) seconds, count == 0 ? 0 : sorted[count / 2], count == 0 ? 0 : sorted[(int) (count * 0.99)], cpu / seconds, idle);
        open.forEach(WebSocket::abort);
        System.exit(0);
    }

    private static double cpu(String base, int seconds) throws Exception {
        double before = metric(base, "process_cpu_time_ns_total") / 1e9;
        Thread.sleep(seconds * 1_000L);
        return (metric(base, "process_cpu_time_ns_total") / 1e9 - before) / seconds;
    }

    private static double metric(String base, String name) throws Exception {
        String all = HTTP.send(HttpRequest.newBuilder(URI.create(base + "/actuator/prometheus")).build(), HttpResponse.BodyHandlers.ofString()).body();
        return all.lines().filter(line -> line.startsWith(name + " ")).mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1))).findFirst().orElse(0);
    }

    private record Counter(AtomicLong messages, long[] late) implements WebSocket.Listener {
        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            Matcher committed = COMMITTED.matcher(data);
            if (data.length() > 15 && data.toString().startsWith("{\"type\":\"rows\"") && committed.find()) {
                int at = (int) messages.getAndIncrement();
                if (at < late.length) {
                    late[at] = Duration.between(Instant.parse(committed.group(1)), Instant.now()).toMillis();
                }
            }
            socket.request(1);
            return null;
        }
    }
}
