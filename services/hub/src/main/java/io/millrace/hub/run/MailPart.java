package io.millrace.hub.run;

import io.millrace.notifications.Notifications;
import io.millrace.notifications.inbound.Inbound;
import java.util.Optional;

/** Mail about alerts. */
record MailPart(Notifications notifications) implements LateRole.Part {
    @Override
    public boolean ready() {
        return notifications.ready();
    }

    @Override
    public boolean impaired() {
        return notifications.impaired();
    }

    @Override
    public String detail() {
        return notifications.detail();
    }

    @Override
    public Optional<Inbound> inbound() {
        return Optional.of(notifications.inbound());
    }

    @Override
    public void close() {
        notifications.close();
    }
}
