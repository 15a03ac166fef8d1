package io.millrace.hub;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHub;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What the views of a running hub keep in memory. */
final class StateSizes {
    private StateSizes() {}

    /** By node; empty if no hub answers. */
    static Optional<Map<String, Long>> ask(HubConfig config) {
        return RunningHub.get(config, "/actuator/views")
                .map(body -> JsonMapper.builder().build().readValue(body, new TypeReference<Map<String, Long>>() {}));
    }
}
