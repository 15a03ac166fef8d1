package io.millrace.governance.catalog;

import io.millrace.catalog.Problem;
import io.millrace.catalog.ViewFile;
import io.millrace.catalog.ViewFiles;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.avro.Severity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/** The headers of {@code catalog/controls/*.sql}. */
public final class ControlFiles {
    private static final String SEVERITIES = Arrays.stream(Severity.values())
            .map(severity -> severity.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));

    private ControlFiles() {}

    /** The controls of a catalog. Says everything that is wrong with their headers at once. */
    public static List<Control> read(Path catalog) {
        List<ViewFile> files = ViewFiles.readControls(catalog);
        List<Problem> problems =
                files.stream().flatMap(file -> header(file).stream()).toList();
        if (!problems.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    "the catalog has " + problems.size() + " problems:\n"
                            + problems.stream().map(Problem::toString).collect(Collectors.joining("\n")),
                    "fix the files in " + catalog);
        }
        return files.stream()
                .map(file -> new Control(
                        file.name().toString(),
                        file.header().getOrDefault("title", ""),
                        severity(file).orElseThrow(),
                        file.header().getOrDefault("owner", ""),
                        file.header().getOrDefault("remedy", ""),
                        file.description()))
                .toList();
    }

    /**
     * What is wrong with a control's header.
     *
     * @param columns that the control has
     */
    public static List<Problem> problems(ViewFile file, List<String> columns) {
        List<Problem> problems = header(file);
        Matcher placeholders = Title.PLACEHOLDER.matcher(file.header().getOrDefault("title", ""));
        while (placeholders.find()) {
            if (!columns.contains(placeholders.group(1))) {
                problems.add(at(
                        file,
                        "title",
                        "the title names column " + placeholders.group(1) + ", which the control does not have",
                        "name one of " + String.join(", ", columns)));
            }
        }
        return problems;
    }

    private static List<Problem> header(ViewFile file) {
        List<Problem> problems = new ArrayList<>();
        for (String key : ViewFiles.CONTROL_HEADER) {
            if (file.header().getOrDefault(key, "").isEmpty()) {
                problems.add(new Problem(
                        file.file(), 1, 1, "the header says nothing of " + key, "add a line -- " + key + ": …"));
            }
        }
        if (file.declaredKey().isEmpty()) {
            problems.add(new Problem(
                    file.file(),
                    1,
                    1,
                    "the header has no key: what makes two violations the same?",
                    "add a line -- key: with the columns that identify a violation"));
        }
        if (file.header().containsKey("severity") && severity(file).isEmpty()) {
            problems.add(at(
                    file,
                    "severity",
                    "there is no severity " + file.header().get("severity"),
                    "say one of " + SEVERITIES));
        }
        return problems;
    }

    private static Optional<Severity> severity(ViewFile file) {
        return Arrays.stream(Severity.values())
                .filter(severity ->
                        severity.name().equalsIgnoreCase(file.header().getOrDefault("severity", "")))
                .findFirst();
    }

    private static Problem at(ViewFile file, String key, String message, String remedy) {
        List<String> lines = file.sql().lines().toList();
        int line = 0;
        while (line < lines.size()
                && !lines.get(line).replaceFirst("^--\\s*", "").startsWith(key + ":")) {
            line++;
        }
        return new Problem(file.file(), line + 1, 1, message, remedy);
    }
}
