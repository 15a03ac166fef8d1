package io.millrace.hub.verify;

import io.millrace.catalog.Problem;
import io.millrace.catalog.ViewFile;
import io.millrace.catalog.ViewFiles;
import io.millrace.governance.catalog.Control;
import io.millrace.governance.catalog.ControlFiles;
import io.millrace.hub.config.RoutesFile;
import io.millrace.monitoring.alert.PipelineAlerts;
import io.millrace.notifications.route.Route;
import io.millrace.notifications.template.Templates;
import io.millrace.operations.access.SecurityControls;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.planner.ViewPlanner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that is wrong in a catalog.
 *
 * @param views files that were read
 * @param controls files that were read
 * @param reports files that were read
 */
public record CatalogCheck(int views, int controls, int reports, List<Problem> problems) {

    /** What else is asked about each view that has a plan: a server, if one is in reach. */
    @FunctionalInterface
    public interface Question {
        Optional<Problem> problem(ViewFile file, ViewPlan plan);
    }

    /** @param lanes of the source */
    public static CatalogCheck of(Path catalog, Collection<RelationSchema> relations, int lanes, Question question) {
        List<Problem> problems = new ArrayList<>();
        if (Files.isDirectory(catalog)) {
            problems.addAll(CatalogFolder.problems(catalog));
        }
        List<ViewFile> views = read(() -> ViewFiles.read(catalog), "views", problems);
        List<ViewFile> controls = read(() -> ViewFiles.readControls(catalog), "controls", problems);
        List<ViewFile> reports = read(() -> ViewFiles.readReports(catalog), "reports", problems);
        Stream.of(views, controls, reports)
                .flatMap(List::stream)
                .forEach(file -> problems.addAll(CatalogFolder.header(file)));
        ViewPlanner planner = new ViewPlanner(relations, lanes);
        Set<String> names = new HashSet<>();
        Map<String, Set<String>> columnsOfViews = new HashMap<>();
        Set<String> evidence = new HashSet<>(Set.of("owner", "control", "stage", "part", "state", "since", "cause"));
        evidence.addAll(SecurityControls.COLUMNS);
        Set<String> builtIn =
                SecurityControls.all().stream().map(Control::name).collect(Collectors.toCollection(HashSet::new));
        builtIn.add(PipelineAlerts.CONTROL.name());
        for (ViewFile view : views) {
            names.add(view.name().toString());
            switch (planner.plan(view)) {
                case ViewPlanner.Result.Refused refused -> problems.add(refused.problem());
                case ViewPlanner.Result.Planned planned -> {
                    planned(view.name().toString(), planned.plan(), columnsOfViews);
                    question.problem(view, planned.plan()).ifPresent(problems::add);
                }
            }
        }
        for (ViewFile control : controls) {
            if (builtIn.contains(control.name().toString())) {
                problems.add(new Problem(
                        control.file(), 0, 0, "there is a built-in control of this name", "rename the control"));
            }
            if (!names.add(control.name().toString())) {
                problems.add(new Problem(
                        control.file(),
                        0,
                        0,
                        "there is a view of this name: both would be analytics." + control.name(),
                        "rename the control"));
            }
            switch (planner.plan(control)) {
                case ViewPlanner.Result.Refused refused -> problems.add(refused.problem());
                case ViewPlanner.Result.Planned planned -> {
                    List<String> columns =
                            planned.plan().columns().stream().map(Column::name).toList();
                    evidence.addAll(columns);
                    problems.addAll(ControlFiles.problems(control, columns));
                    planned(control.name().toString(), planned.plan(), columnsOfViews);
                    question.problem(control, planned.plan()).ifPresent(problems::add);
                }
            }
        }
        Set<String> allNames = new HashSet<>(names);
        reports.forEach(report -> allNames.add(report.name().toString()));
        ReportCheck ofReports = new ReportCheck(allNames, columnsOfViews);
        for (ViewFile report : reports) {
            problems.addAll(ofReports.problems(report));
            if (names.contains(report.name().toString())) {
                problems.add(new Problem(
                        report.file(),
                        0,
                        0,
                        "there is a view of this name: both would be analytics." + report.name(),
                        "rename the report"));
            }
            if (!report.declaredKey().isEmpty()) {
                problems.add(new Problem(report.file(), 0, 0, "a report has no key", "take -- key: out of its header"));
            }
        }
        problems.addAll(mail(catalog, evidence));
        problems.addAll(RecipeCheck.problems(catalog, columnsOfViews));
        return new CatalogCheck(views.size(), controls.size(), reports.size(), problems);
    }

    private static void planned(String name, ViewPlan plan, Map<String, Set<String>> columnsOfViews) {
        columnsOfViews.put(name, plan.columns().stream().map(Column::name).collect(Collectors.toSet()));
    }

    /**
     * Routes, and the templates that they name.
     *
     * @param evidence columns that alerts have
     */
    private static List<Problem> mail(Path catalog, Set<String> evidence) {
        List<Problem> problems = new ArrayList<>();
        try {
            Templates templates = new Templates(catalog);
            List<Route> routes = RoutesFile.read(catalog);
            for (Route route : routes) {
                route.placeholders().stream()
                        .filter(name -> !evidence.contains(name))
                        .map(name -> new Problem(
                                "routes.yaml",
                                0,
                                0,
                                "route " + route.name() + ": no control has a column " + name,
                                "name in braces owner, control or a column of the controls that it is for"))
                        .forEach(problems::add);
            }
            for (String template : Templates.needed(routes)) {
                try {
                    templates.check(template);
                } catch (MillraceException wrong) {
                    problems.add(new Problem(
                            "templates", 0, 0, String.valueOf(wrong.getMessage()), String.valueOf(wrong.remedy())));
                }
            }
        } catch (MillraceException wrong) {
            problems.add(new Problem(
                    "routes.yaml", 0, 0, String.valueOf(wrong.getMessage()), String.valueOf(wrong.remedy())));
        }
        return problems;
    }

    private static List<ViewFile> read(Supplier<List<ViewFile>> files, String folder, List<Problem> problems) {
        try {
            return files.get();
        } catch (MillraceException wrong) {
            problems.add(new Problem(folder, 0, 0, String.valueOf(wrong.getMessage()), wrong.remedy()));
            return List.of();
        }
    }
}
