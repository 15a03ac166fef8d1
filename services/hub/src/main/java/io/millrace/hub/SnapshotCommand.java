package io.millrace.hub;

import io.millrace.hub.config.ConfigOption;
import io.millrace.hub.run.Resnapshot;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "snapshot",
        description = {
            "Takes a new snapshot of the source: at once if a hub runs, else when one starts.",
            "For when changes were lost on the way: the slot is gone, or the feed's retention was too short.",
            "A hub that captures the source now stops streaming for it. Topics and views stay, and converge with the snapshot."
        },
        mixinStandardHelpOptions = true)
final class SnapshotCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ConfigOption config;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        String told = Resnapshot.request(config.read());
        spec.commandLine().getOut().println(told);
        spec.commandLine().getOut().flush();
        return 0;
    }
}
