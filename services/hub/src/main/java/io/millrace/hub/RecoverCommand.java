package io.millrace.hub;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.hub.config.SourceFile;
import io.millrace.operations.recovery.Recovery;
import io.millrace.platform.data.Directories;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.source.SourceDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** After Kafka lost its data. */
@Command(
        name = "recover",
        description = {
            "After Kafka lost its data: writes alerts, decisions and the audit trail back to their topics, from the analytics database.",
            "Everything else is read from the source again when hubs start. All hubs must be ended. It can be interrupted, and begun again."
        },
        mixinStandardHelpOptions = true)
final class RecoverCommand extends RunningHubCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        HubConfig config = config();
        SourceDefinition source = SourceFile.readOnly(config.catalog());
        Recovery recovery = new Recovery(
                config.analytics().forPeople(),
                config.kafka().servers(),
                HttpSchemaRegistry.impatient(config.registry().url()),
                source.name(),
                source.lanes(),
                config.kafka().replicationFactor());
        Recovery.Done done = recovery.run(line -> {
            out().println(line);
            out().flush();
        });
        Path state = config.data().resolve("state").resolve(recovery.application());
        try {
            if (Files.exists(state)) {
                Directories.delete(state);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        out().printf(
                        "%,d alerts and %,d records of the audit trail are in their topics again%n",
                        done.alerts(), done.auditRecords());
        out().println("on other machines, delete state/" + recovery.application()
                + " in each hub's data directory; then start the hubs");
        out().flush();
        return 0;
    }
}
