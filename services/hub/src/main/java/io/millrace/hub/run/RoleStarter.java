package io.millrace.hub.run;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.Role;
import io.millrace.hub.config.SourceFile;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.source.PostgresSource;
import io.millrace.source.publish.KafkaCluster;
import io.millrace.source.server.SourceServer;
import java.util.concurrent.CompletableFuture;

/** Starts a role with what the configuration says. */
final class RoleStarter {
    private RoleStarter() {}

    static RunningRole start(Role role, HubConfig config) {
        return switch (role) {
            case SOURCE ->
                new Capture(PostgresSource.start(
                        SourceFile.readOnly(config.catalog()),
                        new SourceServer(
                                config.source().url(),
                                config.source().user(),
                                config.source().password()),
                        new KafkaCluster(
                                config.kafka().bootstrapServers(),
                                config.kafka().replicationFactor()),
                        new HttpSchemaRegistry(config.registry().url())));
        };
    }

    private record Capture(PostgresSource source) implements RunningRole {
        @Override
        public Role role() {
            return Role.SOURCE;
        }

        @Override
        public boolean ready() {
            return source.ready();
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
}
