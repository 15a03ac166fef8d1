package io.millrace.hub.run;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.Role;
import io.millrace.hub.config.SourceFile;
import io.millrace.monitoring.collect.Collector;
import io.millrace.monitoring.collect.Database;
import io.millrace.monitoring.collect.Stages;
import io.millrace.monitoring.lag.Judge;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.source.SourceDefinition;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is to be watched, by the configuration. */
public final class Monitoring {
    private static final Map<Role, List<String>> STAGES = new EnumMap<>(Map.of(
            Role.SOURCE, List.of(Stages.CAPTURE),
            Role.VIEWS, List.of(Stages.VIEWS),
            Role.GOVERNANCE, List.of(Stages.ALERTS),
            Role.SINK, List.of(Stages.SINK, Stages.TABLES),
            Role.NOTIFICATIONS, List.of(Stages.MAIL_INTAKE, Stages.MAIL)));

    private Monitoring() {}

    /**
     * @param roles of this process, if it is the hub
     * @param limit after which a server that does not answer is away
     */
    public static Collector.Settings settings(HubConfig config, List<RunningRole> roles, Duration limit) {
        SourceDefinition source = SourceFile.readOnly(config.catalog());
        Set<String> expected = new HashSet<>();
        config.roles().forEach(role -> expected.addAll(STAGES.getOrDefault(role, List.of())));
        return new Collector.Settings(
                source.name(),
                config.kafka().servers(),
                new HttpSchemaRegistry(config.registry().url()),
                new Database.Server(
                        config.source().url(),
                        config.source().user(),
                        config.source().password().reveal()),
                source.slot(),
                new Database.Server(
                        config.analytics().url(),
                        config.analytics().user(),
                        config.analytics().password().reveal()),
                expected,
                new Judge.Rules(
                        config.monitoring().objective(), config.monitoring().patience()),
                limit,
                () -> hints(roles));
    }

    /** What roles that do not do their work now say, and which providers of mail are not asked. */
    private static Map<String, String> hints(List<RunningRole> roles) {
        Map<String, String> hints = new HashMap<>();
        for (RunningRole role : roles) {
            if (role.impaired()) {
                STAGES.getOrDefault(role.role(), List.of()).forEach(stage -> hints.put(stage, role.detail()));
            }
        }
        return hints;
    }
}
