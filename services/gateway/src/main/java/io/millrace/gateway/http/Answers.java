package io.millrace.gateway.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** Answers that are no problems. */
public final class Answers {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int NAME_BYTES = 64;

    private Answers() {}

    /** @param headers puts what else the answer says */
    public static ServerResponse json(Object body, Consumer<Map<String, String>> headers) {
        return bytes(MediaType.APPLICATION_JSON, JSON.writeValueAsBytes(body), headers);
    }

    public static ServerResponse bytes(MediaType type, byte[] body, Consumer<Map<String, String>> headers) {
        return with(ServerResponse.ok().contentType(type), headers).body(body);
    }

    /** The one who asks has it already. */
    public static ServerResponse notModified(Consumer<Map<String, String>> headers) {
        return with(ServerResponse.status(HttpStatus.NOT_MODIFIED), headers).build();
    }

    private static ServerResponse.BodyBuilder with(
            ServerResponse.BodyBuilder answer, Consumer<Map<String, String>> headers) {
        Map<String, String> all = new LinkedHashMap<>();
        headers.accept(all);
        all.forEach(answer::header);
        return answer;
    }

    /**
     * A JSON object of members, and of arrays that are JSON already.
     *
     * @param arrays without their brackets
     */
    public static byte[] object(Map<String, @Nullable Object> members, Map<String, byte[]> arrays) {
        byte[] object = JSON.writeValueAsBytes(members);
        if (arrays.isEmpty()) {
            return object;
        }
        int size = arrays.values().stream().mapToInt(array -> array.length).sum();
        ByteArrayOutputStream whole = new ByteArrayOutputStream(object.length + size + arrays.size() * NAME_BYTES);
        whole.write(object, 0, object.length - 1);
        arrays.forEach((name, array) -> {
            whole.writeBytes((",\"" + name + "\":[").getBytes(StandardCharsets.US_ASCII));
            whole.writeBytes(array);
            whole.write(']');
        });
        whole.write('}');
        return whole.toByteArray();
    }

    /** Writes the body itself. */
    @FunctionalInterface
    public interface Stream {
        void write(HttpServletRequest request, HttpServletResponse response) throws IOException;
    }

    /** A body that is written while it is read. What fails later than its first bytes breaks the connection off. */
    public static ServerResponse stream(Stream stream) {
        return ServerResponse.ok().build((request, response) -> {
            try {
                stream.write(request, response);
            } catch (RuntimeException failed) {
                Problem problem = Problems.of(failed, request.getMethod() + " " + request.getRequestURI());
                if (response.isCommitted()) {
                    throw new IOException("the answer cannot be finished: " + problem.getMessage(), failed);
                }
                response.reset();
                Problems.write(problem, request, response);
            }
            return null;
        });
    }
}
