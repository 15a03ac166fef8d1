package io.millrace.notifications.provider;

import io.millrace.notifications.provider.Outcome.Action;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Flow;
import java.util.function.Function;
import javax.net.ssl.SSLHandshakeException;
import tools.jackson.databind.json.JsonMapper;

/** One POST to a mail provider's API. Only what failed before its body was asked for, or before TLS was agreed, is known not to be sent. */
final class HttpMail {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final URI address;
    private final String key;
    private final Duration answerLimit;

    /** @param key for the header Authorization; never shows in texts */
    HttpMail(String url, String path, String key, Duration answerLimit) {
        this.address = URI.create(url + path);
        this.key = key;
        this.answerLimit = answerLimit;
    }

    /** @param answered what an answer means */
    Outcome post(
            Map<String, Object> body, Map<String, String> headers, Function<HttpResponse<String>, Outcome> answered) {
        Written written = new Written(BodyPublishers.ofString(JSON.writeValueAsString(body)));
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .timeout(answerLimit)
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(written);
        headers.forEach(request::header);
        try {
            return answered.apply(client.send(request.build(), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException lost) {
            return written.begun && !(lost instanceof SSLHandshakeException)
                    ? new Outcome.Unknown("no answer from " + address.getHost() + ": " + why(lost))
                    : new Outcome.Refused(Action.FAIL_OVER, "no connection to " + address.getHost() + ": " + why(lost));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return new Outcome.Unknown("the hub ended while " + address.getHost() + " had it");
        }
    }

    /** Knows whether any of the body was asked for: not before there is a connection. */
    private static final class Written implements BodyPublisher {
        private final BodyPublisher body;
        private volatile boolean begun;

        Written(BodyPublisher body) {
            this.body = body;
        }

        @Override
        public long contentLength() {
            return body.contentLength();
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            begun = true;
            body.subscribe(subscriber);
        }
    }

    private static String why(IOException failure) {
        return failure.getCause() instanceof UnresolvedAddressException ? "the name is unknown" : failure.toString();
    }

    /** What the provider said, in one line of bounded length, without what it was sent. */
    static String said(HttpResponse<String> answer) {
        String body = answer.body().strip().replaceAll("\\s+", " ");
        return answer.statusCode() + " " + (body.length() > 300 ? body.substring(0, 300) + "…" : body);
    }
}
