package io.millrace.hub.run;

import io.millrace.hub.config.Role;
import io.millrace.sink.AlertSink;
import io.millrace.sink.ViewSink;
import java.util.concurrent.CompletableFuture;

/** The analytics database: views and alerts. */
record SinkRole(ViewSink views, AlertSink alerts) implements RunningRole {
    @Override
    public Role role() {
        return Role.SINK;
    }

    @Override
    public boolean ready() {
        return views.ready() && alerts.ready();
    }

    @Override
    public String detail() {
        return views.detail() + "; " + alerts.detail();
    }

    @Override
    public CompletableFuture<Void> end() {
        return CompletableFuture.anyOf(views.end(), alerts.end()).thenAccept(ended -> {});
    }

    @Override
    public void close() {
        views.close();
        alerts.close();
    }
}
