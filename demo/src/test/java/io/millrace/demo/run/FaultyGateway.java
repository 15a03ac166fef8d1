package io.millrace.demo.run;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A version of the gateway that says it is well, and answers every request with a fault. */
final class FaultyGateway {
    private FaultyGateway() {}

    /** @param arguments the configuration file of the gateway in whose place it is */
    public static void main(String... arguments) throws IOException {
        String config = Files.readString(Path.of(arguments[arguments.length - 1]));
        int port = Integer.parseInt(config.replaceAll("(?s).*port: (\\d+).*", "$1"));
        AtomicInteger faults = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            boolean well = path.startsWith("/actuator/") || path.endsWith("/openapi.json");
            byte[] body = (path.endsWith("/prometheus")
                            ? "http_server_requests_seconds_count{status=\"500\",uri=\"/api/v1/views/{view}/rows\"} "
                                    + faults.get() + "\n"
                            : "{}")
                    .getBytes(StandardCharsets.UTF_8);
            if (!well) {
                faults.incrementAndGet();
            }
            exchange.sendResponseHeaders(well ? 200 : 500, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
