package io.millrace.hub.run;

import io.millrace.hub.config.Role;
import io.millrace.source.PostgresSource;
import java.util.concurrent.CompletableFuture;

/** Capture of the source. */
record CaptureRole(PostgresSource source) implements RunningRole {
    @Override
    public Role role() {
        return Role.SOURCE;
    }

    @Override
    public boolean ready() {
        return source.ready();
    }

    @Override
    public boolean alive() {
        return source.alive();
    }

    @Override
    public String detail() {
        return source.detail();
    }

    @Override
    public CompletableFuture<Void> end() {
        return source.end();
    }

    @Override
    public void close() {
        source.close();
    }
}
