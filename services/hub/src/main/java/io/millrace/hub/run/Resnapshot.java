package io.millrace.hub.run;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.KnownServers;
import io.millrace.hub.config.SourceFile;
import io.millrace.platform.data.DataDirectory;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.source.SourceDefinition;
import io.millrace.source.publish.KafkaCluster;
import io.millrace.source.publish.SnapshotRequest;

/** Asks for a new snapshot of the configured source. */
public final class Resnapshot {
    private Resnapshot() {}

    /** Returns what happened, in a sentence for the operator. */
    public static String request(HubConfig configured) throws InterruptedException {
        if (configured.omitted().isEmpty()
                || !DataDirectory.running(configured.data()).isEmpty()) {
            return ask(KnownServers.complete(configured));
        }
        try (OwnServers.Running servers =
                OwnServers.of(configured).start(configured, DataDirectory.open(configured.data()))) {
            return ask(servers.config());
        }
    }

    private static String ask(HubConfig config) throws InterruptedException {
        SourceDefinition source = SourceFile.readOnly(config.catalog());
        boolean captured = SnapshotRequest.send(
                source.name(),
                new KafkaCluster(
                        config.kafka().servers().impatient(), config.kafka().replicationFactor()),
                HttpSchemaRegistry.impatient(config.registry().url()));
        return captured
                ? "source " + source.name() + ": a new snapshot is taken at once if a hub runs, else when one starts"
                : "source " + source.name() + " was never captured: its first start takes a snapshot anyway";
    }
}
