package io.millrace.hub.run;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.Role;

/** Starts a role with what the configuration says. */
final class RoleStarter {
    private RoleStarter() {}

    static RunningRole start(Role role, HubConfig config) {
        throw new UnsupportedOperationException(role + " of " + config.source());
    }
}
