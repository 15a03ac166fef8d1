package io.millrace.notifications.provider;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** An SMTP server that answers each phase as told: a reply, {@code close}, {@code hang}, or {@code hold} until it is
 * told to go on. Of what is not told, it approves. */
public final class ScriptedSmtp implements AutoCloseable {
    private static final Map<String, String> APPROVAL = Map.of(
            "CONNECT", "220 ready",
            "EHLO", "250-scripted\r\n250 AUTH PLAIN",
            "AUTH", "235 2.7.0 welcome",
            "MAIL", "250 2.1.0 ok",
            "RCPT", "250 2.1.5 ok",
            "DATA", "354 go on",
            "END", "250 2.0.0 taken");

    private final ServerSocket server;
    private final Map<String, String> script;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger holding = new AtomicInteger();
    private final CountDownLatch goOn = new CountDownLatch(1);

    public ScriptedSmtp(Map<String, String> script) {
        this(script, 0);
    }

    /** @param port 0 for a free one */
    public ScriptedSmtp(Map<String, String> script, int port) {
        this.script = script;
        try {
            this.server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Mails whose end was reached. */
    public int taken() {
        return taken.get();
    }

    /** Connections that are held. */
    public int holding() {
        return holding.get();
    }

    /** Answers those that are held, and holds no others. */
    public void goOn() {
        goOn.countDown();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> talk(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void talk(Socket socket) {
        try (socket;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            if (!reply(socket, "CONNECT")) {
                return;
            }
            boolean body = false;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (body && !line.equals(".")) {
                    continue;
                }
                String phase = body ? "END" : line.split(" ")[0].toUpperCase(Locale.ROOT);
                if (body) {
                    taken.incrementAndGet();
                }
                body = false;
                if (!reply(socket, phase)) {
                    return;
                }
                body = phase.equals("DATA") && List.of("", "hold").contains(script.getOrDefault("DATA", ""));
            }
        } catch (IOException closed) {
            // The other side went.
        }
    }

    private boolean reply(Socket socket, String phase) throws IOException {
        String answer = script.getOrDefault(phase, APPROVAL.getOrDefault(phase, "250 ok"));
        if (answer.equals("hold")) {
            holding.incrementAndGet();
            try {
                goOn.await();
            } catch (InterruptedException ending) {
                return false;
            }
            answer = APPROVAL.getOrDefault(phase, "250 ok");
        }
        if (answer.equals("close")) {
            return false;
        }
        if (!answer.equals("hang")) {
            OutputStream out = socket.getOutputStream();
            out.write((answer + "\r\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
        return true;
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
