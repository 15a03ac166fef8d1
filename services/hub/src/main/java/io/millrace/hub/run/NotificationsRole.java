package io.millrace.hub.run;

import io.millrace.hub.config.Role;
import io.millrace.notifications.Notifications;
import java.util.concurrent.CompletableFuture;

/** Mail about alerts. */
record NotificationsRole(Notifications notifications) implements RunningRole {
    @Override
    public Role role() {
        return Role.NOTIFICATIONS;
    }

    @Override
    public boolean ready() {
        return notifications.ready();
    }

    @Override
    public String detail() {
        return notifications.detail();
    }

    @Override
    public CompletableFuture<Void> end() {
        return notifications.end();
    }

    @Override
    public void close() {
        notifications.close();
    }
}
