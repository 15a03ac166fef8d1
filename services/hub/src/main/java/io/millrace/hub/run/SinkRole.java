package io.millrace.hub.run;

import io.millrace.hub.config.Role;
import io.millrace.sink.ViewSink;
import java.util.concurrent.CompletableFuture;

/** The analytics database. */
record SinkRole(ViewSink sink) implements RunningRole {
    @Override
    public Role role() {
        return Role.SINK;
    }

    @Override
    public boolean ready() {
        return sink.ready();
    }

    @Override
    public String detail() {
        return sink.detail();
    }

    @Override
    public CompletableFuture<Void> end() {
        return sink.end();
    }

    @Override
    public void close() {
        sink.close();
    }
}
