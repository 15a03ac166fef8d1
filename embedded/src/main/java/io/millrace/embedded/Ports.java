package io.millrace.embedded;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/** Ports on the loopback address. */
final class Ports {
    private Ports() {}

    /**
     * The wanted port, or, if none is wanted, the one that the server had in its last run here if that is still free, or
     * any free one.
     *
     * @param wanted 0 for any
     * @param memory file that keeps the number between runs
     */
    static int choose(String server, int wanted, Path memory) {
        try {
            if (wanted != 0) {
                if (!free(wanted)) {
                    throw new MillraceException(
                            Category.RESOURCE,
                            "port " + wanted + " for " + server + " is in use",
                            "choose another port, or end the process that listens there (ss -ltnp 'sport = :" + wanted
                                    + "')");
                }
                return wanted;
            }
            if (Files.exists(memory)) {
                int last = Integer.parseInt(Files.readString(memory).strip());
                if (free(last)) {
                    return last;
                }
            }
            int chosen = anyFree();
            Files.writeString(memory, Integer.toString(chosen));
            return chosen;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static int anyFree() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort() == port;
        } catch (IOException taken) {
            return false;
        }
    }
}
