package io.millrace.hub.run;

import io.millrace.governance.alert.GovernanceEngine;
import io.millrace.hub.config.Role;
import java.util.concurrent.CompletableFuture;

/** Alerts. */
record GovernanceRole(GovernanceEngine engine) implements RunningRole {
    @Override
    public Role role() {
        return Role.GOVERNANCE;
    }

    @Override
    public boolean ready() {
        return engine.ready();
    }

    @Override
    public String detail() {
        return engine.detail();
    }

    @Override
    public CompletableFuture<Void> end() {
        return engine.end();
    }

    @Override
    public void close() {
        engine.close();
    }
}
