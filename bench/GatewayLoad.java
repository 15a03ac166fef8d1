import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/** Reads from a gateway as fast as it answers. Usage: java bench/GatewayLoad.java URL KEY SECONDS CONNECTIONS */
final class GatewayLoad {
    private GatewayLoad() {}

    public static void main(String[] arguments) throws Exception {
        String base = arguments[0];
        String key = arguments[1];
        int seconds = Integer.parseInt(arguments[2]);
        int connections = Integer.parseInt(arguments[3]);
        // Views that trade does not touch keep their pages; the others change with nearly each epoch.
        run(base, key, 5, connections, "warm-up", n -> "/api/v1/views/trial_balance/rows?limit=50");
        double idle = idle(base);
        measure(base, key, seconds, connections, idle, "cached", n -> "/api/v1/views/trial_balance/rows?limit=50");
        measure(base, key, seconds, connections, idle, "a page of its own each", n -> "/api/v1/views/trial_balance/rows?limit=50&filter=balance.ne." + n);
        measure(base, key, seconds, connections, idle, "no such key", n -> "/api/v1/nothing");
    }

    private static void measure(String base, String key, int seconds, int connections, double idle, String name, IntFunction<String> path)
            throws Exception {
        double before = cpuSeconds(base);
        long begin = System.nanoTime();
        String figures = run(base, key, seconds, connections, name, path);
        double took = (System.nanoTime() - begin) / 1e9;
        double cpu = cpuSeconds(base) - before - idle * took;
        long reads = Long.parseLong(figures.substring(0, figures.indexOf(' ')));
        System.out.printf("%-24s %6.0f reads/s, %s, %.2f ms of the hub's CPU each%n", name, reads / took, figures.substring(figures.indexOf(' ') + 1), cpu * 1000 / reads);
    }

    private static String run(String base, String key, int seconds, int connections, String name, IntFunction<String> path) throws Exception {
        AtomicInteger number = new AtomicInteger();
        AtomicLong failed = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        List<long[]> all = new ArrayList<>();
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        for (int i = 0; i < connections; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                long[] took = new long[1_000_000];
                int reads = 0;
                // By hand: the JDK's client takes more CPU than the gateway, on the same cores.
                URI uri = URI.create(base);
                try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
                    socket.setTcpNoDelay(true);
                    InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
                    while (System.nanoTime() < end && reads < took.length) {
                        byte[] request = ("GET " + path.apply(number.incrementAndGet()) + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII);
                        long begin = System.nanoTime();
                        socket.getOutputStream().write(request);
                        int status = read(in);
                        took[reads++] = System.nanoTime() - begin;
                        if (status >= 500) {
                            failed.incrementAndGet();
                        }
                    }
                } catch (Exception broken) {
                    failed.incrementAndGet();
                }
                synchronized (all) {
                    all.add(Arrays.copyOf(took, reads));
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        long[] sorted = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return String.format(
                "%d p50 %.1f ms, p99 %.1f ms, %d failed",
                sorted.length, sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 99 / 100] / 1e6, failed.get());
    }

    /** Reads an answer, and returns its status. */
    private static int read(InputStream in) throws IOException {
        int status = Integer.parseInt(line(in).split(" ")[1]);
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        in.skipNBytes(length);
        return status;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    /** CPU seconds a second, of the hub without these reads. */
    private static double idle(String base) throws Exception {
        double before = cpuSeconds(base);
        Thread.sleep(5_000);
        return (cpuSeconds(base) - before) / 5;
    }

    private static double cpuSeconds(String base) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            String body = client.send(
                            HttpRequest.newBuilder(URI.create(base + "/actuator/prometheus")).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            return body.lines()
                    .filter(line -> line.startsWith("process_cpu_time_ns_total"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)) / 1e9)
                    .findFirst()
                    .orElseThrow();
        }
    }
}
