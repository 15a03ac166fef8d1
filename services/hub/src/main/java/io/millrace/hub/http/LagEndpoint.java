package io.millrace.hub.http;

import io.millrace.hub.run.RunningRole;
import io.millrace.monitoring.LagReport;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** {@code /actuator/lag}: where every stage is, how late, and why. */
@Endpoint(id = "lag")
public final class LagEndpoint {
    private final List<RunningRole> roles;

    LagEndpoint(List<RunningRole> roles) {
        this.roles = roles;
    }

    /** Not found where role monitoring does not run, or not yet. */
    @ReadOperation
    public @Nullable LagReport lag() {
        return roles.stream()
                .map(RunningRole::lag)
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(null);
    }
}
