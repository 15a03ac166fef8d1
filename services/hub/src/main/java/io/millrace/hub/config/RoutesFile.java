package io.millrace.hub.config;

import io.millrace.notifications.route.Importance;
import io.millrace.notifications.route.Route;
import io.millrace.notifications.route.Timing;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.avro.Severity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/** {@code routes.yaml} of a catalog. */
public record RoutesFile(@DefaultValue List<Entry> routes) {
    private static final String FILE = "routes.yaml";

    /** See {@link Route}; {@code class} is the importance. */
    public record Entry(
            @DefaultValue("") String name,
            @Nullable Severity severity,
            @DefaultValue List<String> controls,
            @DefaultValue List<String> owners,
            @DefaultValue List<String> tenants,
            @DefaultValue List<String> to,
            @DefaultValue("alert") String template,
            @Name("class") @DefaultValue("normal") Importance importance,
            @Nullable String digest,
            @Nullable String quiet,
            @Nullable String zone) {}

    /** The routes; none if there is no such file. */
    public static List<Route> read(Path catalog) {
        Path file = catalog.resolve(FILE);
        if (!Files.exists(file)) {
            return List.of();
        }
        List<Route> routes = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Entry entry : YamlFile.read(file, RoutesFile.class).routes) {
            String which = "route " + (routes.size() + 1) + (entry.name.isEmpty() ? "" : " (" + entry.name + ")");
            if (entry.name.isEmpty() || !names.add(entry.name)) {
                problems.add(which + " has no name of its own");
            }
            if (entry.to.isEmpty()) {
                problems.add(which + " tells nobody: 'to' is empty");
            }
            Timing timing = timing(entry, which, problems);
            if (entry.importance == Importance.CRITICAL && !timing.equals(Timing.AT_ONCE)) {
                problems.add(which + " is critical: its mail does not wait; leave out 'digest' and 'quiet'");
            }
            routes.add(new Route(
                    entry.name,
                    entry.severity,
                    entry.controls,
                    entry.owners,
                    entry.tenants,
                    entry.to,
                    entry.template,
                    entry.importance,
                    timing));
        }
        if (!problems.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    file + ": " + String.join("; ", problems),
                    "see docs/mail.md for the keys of a route");
        }
        return routes;
    }

    private static Timing timing(Entry entry, String which, List<String> problems) {
        try {
            return new Timing.Wish(entry.digest, entry.quiet, entry.zone).over(Timing.AT_ONCE);
        } catch (IllegalArgumentException wrong) {
            problems.add(which + ": " + wrong.getMessage());
            return Timing.AT_ONCE;
        }
    }
}
