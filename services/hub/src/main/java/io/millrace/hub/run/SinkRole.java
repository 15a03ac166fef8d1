package io.millrace.hub.run;

import io.millrace.hub.config.Role;
import io.millrace.sink.TopicSink;
import io.millrace.sink.ViewSink;
import java.util.concurrent.CompletableFuture;

/** The analytics database: views, alerts, the audit trail. */
record SinkRole(ViewSink views, TopicSink alerts, TopicSink audit) implements RunningRole {
    @Override
    public Role role() {
        return Role.SINK;
    }

    @Override
    public boolean ready() {
        return views.ready() && alerts.ready() && audit.ready();
    }

    @Override
    public String detail() {
        return views.detail() + "; " + alerts.detail() + "; " + audit.detail();
    }

    @Override
    public CompletableFuture<Void> end() {
        return CompletableFuture.anyOf(views.end(), alerts.end(), audit.end()).thenAccept(ended -> {});
    }

    @Override
    public void close() {
        views.close();
        alerts.close();
        audit.close();
    }
}
