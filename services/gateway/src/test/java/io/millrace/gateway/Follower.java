package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Keeps rows as the protocol says, and checks that each message follows on the one before. */
final class Follower {
    final Map<String, String> rows = new TreeMap<>();

    /** By position, each state that was shown. */
    final Map<String, Map<String, String>> states = new LinkedHashMap<>();

    final List<String> kinds = new ArrayList<>();

    @Nullable String lsn;

    String generation = "";
    private int read;
    private final String id;

    Follower(String id) {
        this.id = id;
    }

    /** Another connection: what is kept is kept. */
    void reconnected() {
        read = 0;
    }

    /** Takes what came since. */
    void take(RawClient client) {
        for (; read < client.messages.size(); read++) {
            JsonNode message = client.messages.get(read);
            if (id.equals(message.path("id").asString(""))) {
                take(message);
            }
        }
    }

    private void take(JsonNode message) {
        kinds.add(message.path("type").asString());
        switch (message.path("type").asString()) {
            case "begin" -> {
                generation = message.path("generation").asString();
                if (!message.path("resumed").asBoolean()) {
                    rows.clear();
                    lsn = null;
                }
            }
            case "rows" -> {
                String from = message.path("from").isNull()
                        ? null
                        : message.path("from").asString();
                assertThat(from).as("%s", message).isEqualTo(lsn);
                message.path("upserts")
                        .forEach(upsert -> rows.put(
                                upsert.path("key").asString(),
                                upsert.at("/row/amount").asString()));
                message.path("deletes").forEach(key -> rows.remove(key.asString()));
                if (message.path("consistent").asBoolean()) {
                    lsn = message.path("lsn").asString();
                    states.put(lsn, new TreeMap<>(rows));
                }
            }
            case "progress" -> {
                assertThat(message.path("from").asString()).isEqualTo(lsn);
                lsn = message.path("lsn").asString();
                states.put(lsn, new TreeMap<>(rows));
            }
            default -> throw new AssertionError(message.toString());
        }
    }
}
