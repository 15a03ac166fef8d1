package io.millrace.hub.run;

import io.millrace.catalog.Problem;
import io.millrace.catalog.ViewFile;
import io.millrace.catalog.ViewFiles;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.Role;
import io.millrace.hub.tables.SourceTables;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import io.millrace.streams.StreamsProcess;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.planner.ViewPlanner;
import io.millrace.views.topology.ViewsEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The views: waits for the schemas of their tables, plans them, and maintains them. */
final class ViewsRole implements RunningRole {
    private static final Logger LOG = LoggerFactory.getLogger(ViewsRole.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private final SourceDefinition source;
    private final HubConfig config;
    private final StreamsProcess.Settings settings;
    private final SchemaRegistry registry;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile @Nullable ViewsEngine engine;

    private ViewsRole(
            SourceDefinition source, HubConfig config, StreamsProcess.Settings settings, SchemaRegistry registry) {
        this.settings = settings;
        this.source = source;
        this.config = config;
        this.registry = registry;
    }

    static ViewsRole start(
            SourceDefinition source, HubConfig config, StreamsProcess.Settings settings, SchemaRegistry registry) {
        ViewsRole role = new ViewsRole(source, config, settings, registry);
        List<ViewFile> files = ViewFiles.readMaintained(config.catalog());
        Thread.ofPlatform().name("views-start").start(() -> role.run(files));
        return role;
    }

    private void run(List<ViewFile> files) {
        try {
            List<RelationSchema> relations = awaitRelations();
            if (stopping.getCount() == 0) {
                return;
            }
            ViewsEngine started = ViewsEngine.start(
                    new ViewsEngine.Views(
                            source.name(),
                            plan(files, relations),
                            files.stream()
                                    .filter(ViewFile::isControl)
                                    .map(ViewFile::name)
                                    .collect(Collectors.toSet()),
                            registry),
                    settings,
                    end);
            engine = started;
        } catch (InterruptedException | RuntimeException | Error failed) {
            end.completeExceptionally(failed);
        }
    }

    /** The tables' schemas, which the source registers when it first starts. */
    private List<RelationSchema> awaitRelations() throws InterruptedException {
        Map<TableName, RelationSchema> now = tables();
        while (true) {
            List<RelationSchema> relations = new ArrayList<>();
            for (TableName table : source.tables()) {
                Optional<RelationSchema> relation = registry.latest(Topics.rowsName(source.name(), table) + "-value")
                        .map(schema -> RelationSchema.of(table, schema));
                relation.ifPresent(relations::add);
            }
            if (relations.size() == source.tables().size()
                    || stopping.await(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                return relations.stream()
                        .map(relation -> asNow(relation, now.get(relation.name())))
                        .toList();
            }
        }
    }

    /** As the source has them; empty where another process captures it, or where it is away. */
    private Map<TableName, RelationSchema> tables() {
        Map<TableName, RelationSchema> tables = new HashMap<>();
        if (config.roles().contains(Role.SOURCE)) {
            try {
                SourceTables.read(config.data(), config.source(), source)
                        .forEach(relation -> tables.put(relation.name(), relation));
            } catch (MillraceException away) {
                LOG.info(
                        "views: planned by the columns that tables had when they were seen last: {}",
                        away.getMessage());
            }
        }
        return tables;
    }

    /** The table may have been altered since its schema was registered; rows of before may lack what is new. */
    private static RelationSchema asNow(RelationSchema registered, @Nullable RelationSchema now) {
        if (now == null) {
            return registered;
        }
        Set<String> never = registered.columns().stream()
                .filter(column -> !column.nullable())
                .map(Column::name)
                .collect(Collectors.toSet());
        List<Column> columns = now.columns().stream()
                .map(column -> new Column(
                        column.name(),
                        column.type(),
                        !now.key().contains(column.name()) && (column.nullable() || !never.contains(column.name())),
                        column.description()))
                .toList();
        return now.withColumns(columns);
    }

    private List<ViewPlan> plan(List<ViewFile> files, List<RelationSchema> relations) {
        ViewPlanner planner = new ViewPlanner(relations, source.lanes());
        List<ViewPlan> plans = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (ViewFile file : files) {
            switch (planner.plan(file)) {
                case ViewPlanner.Result.Planned planned -> plans.add(planned.plan());
                case ViewPlanner.Result.Refused refused -> problems.add(refused.problem());
            }
        }
        if (!problems.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    "the catalog has " + problems.size() + " problems:\n"
                            + problems.stream().map(Problem::toString).collect(Collectors.joining("\n")),
                    "fix the files in " + config.catalog());
        }
        return plans;
    }

    @Override
    public Role role() {
        return Role.VIEWS;
    }

    @Override
    public boolean ready() {
        ViewsEngine running = engine;
        return running != null && running.ready();
    }

    @Override
    public String detail() {
        ViewsEngine running = engine;
        return running == null ? "waiting for the schemas of the tables" : running.detail();
    }

    @Override
    public Map<String, Long> stateSizes() {
        ViewsEngine running = engine;
        return running == null ? Map.of() : running.stateSizes();
    }

    @Override
    public CompletableFuture<Void> end() {
        return end;
    }

    @Override
    public void close() {
        stopping.countDown();
        ViewsEngine running = engine;
        if (running != null) {
            running.close();
        }
    }
}
