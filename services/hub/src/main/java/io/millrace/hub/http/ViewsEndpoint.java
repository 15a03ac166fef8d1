package io.millrace.hub.http;

import io.millrace.hub.run.RunningRole;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** {@code /actuator/views}: rows and groups that the views keep in memory, by node of their plans. */
@Endpoint(id = "views")
public final class ViewsEndpoint {
    private final List<RunningRole> roles;

    ViewsEndpoint(List<RunningRole> roles) {
        this.roles = roles;
    }

    /** Sizes by the ids that {@code explain} knows. */
    @ReadOperation
    public Map<String, Long> sizes() {
        Map<String, Long> sizes = new HashMap<>();
        roles.forEach(role -> sizes.putAll(role.stateSizes()));
        return sizes;
    }
}
