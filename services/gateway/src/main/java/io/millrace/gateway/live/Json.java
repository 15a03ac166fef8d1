package io.millrace.gateway.live;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Puts messages together of members, and of arrays that are JSON already. */
final class Json {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Json() {}

    static byte[] object(Map<String, @Nullable Object> members, Map<String, byte[]> arrays) {
        byte[] object = JSON.writeValueAsBytes(members);
        if (arrays.isEmpty()) {
            return object;
        }
        int size = arrays.values().stream().mapToInt(array -> array.length + 64).sum();
        ByteArrayOutputStream whole = new ByteArrayOutputStream(object.length + size);
        whole.write(object, 0, object.length - 1);
        arrays.forEach((name, array) -> {
            whole.writeBytes((",\"" + name + "\":[").getBytes(StandardCharsets.US_ASCII));
            whole.writeBytes(array);
            whole.write(']');
        });
        whole.write('}');
        return whole.toByteArray();
    }
}
