package io.millrace.demo.run;

import io.millrace.hub.Commands;
import java.util.List;

/** {@code demo}, and {@code mail}. */
public final class DevelopmentCommands implements Commands {
    @Override
    public List<Object> commands() {
        return List.of(new DemoCommand(), new MailCommand());
    }
}
