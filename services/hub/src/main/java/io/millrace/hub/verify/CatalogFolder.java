package io.millrace.hub.verify;

import io.millrace.catalog.Problem;
import io.millrace.catalog.ViewFile;
import io.millrace.catalog.ViewFiles;
import io.millrace.platform.failure.Suggestion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What nobody reads in a catalog: files of other names, and lines of a header that are mistyped. */
final class CatalogFolder {
    /** What each folder has. */
    private static final Map<String, List<String>> ENDINGS = new TreeMap<>(Map.of(
            "sources", List.of(".yaml"),
            "views", List.of(".sql"),
            "controls", List.of(".sql"),
            "reports", List.of(".sql"),
            "recipes", List.of(".yaml"),
            "templates", List.of(".html", ".txt")));

    private static final List<String> FILES = List.of("routes.yaml");
    private static final Pattern HEADER_LINE = Pattern.compile("--\\s*([A-Za-z]+)(\\s+\\w+)?\\s*:.*");

    private CatalogFolder() {}

    static List<Problem> problems(Path catalog) {
        List<Problem> problems = new ArrayList<>();
        for (Path entry : list(catalog)) {
            String name = entry.getFileName().toString();
            List<String> endings = ENDINGS.get(name);
            if (!Files.isDirectory(entry)) {
                if (!FILES.contains(name)) {
                    problems.add(unread(name, Suggestion.of(name, FILES), "files of a catalog are in its folders"));
                }
            } else if (endings == null) {
                problems.add(unread(
                        name + "/",
                        Suggestion.of(name, ENDINGS.keySet()),
                        "a catalog has the folders " + String.join(", ", ENDINGS.keySet())));
            } else {
                list(entry).stream()
                        .map(file -> name + "/" + file.getFileName())
                        .filter(file -> endings.stream().noneMatch(file::endsWith))
                        .map(file -> unread(file, "", "its name would end in " + String.join(" or ", endings)))
                        .forEach(problems::add);
            }
        }
        return problems;
    }

    private static Problem unread(String name, String meant, String remedy) {
        return new Problem(name, 0, 0, "nobody reads this" + meant, "rename or remove it: " + remedy);
    }

    /** Lines before the query that look like those that mean something. */
    static List<Problem> header(ViewFile file) {
        List<String> known = new ArrayList<>(List.of("key", "column"));
        if (file.isControl()) {
            known.addAll(ViewFiles.CONTROL_HEADER);
        }
        List<Problem> problems = new ArrayList<>();
        List<String> lines = file.sql()
                .lines()
                .takeWhile(line -> line.isBlank() || line.startsWith("--"))
                .toList();
        for (int i = 0; i < lines.size(); i++) {
            Matcher line = HEADER_LINE.matcher(lines.get(i));
            if (line.matches() && !known.contains(line.group(1))) {
                String word = line.group(1);
                int number = i + 1;
                boolean namesColumn = line.group(2) != null;
                Suggestion.nearest(word, known)
                        .filter(meant -> meant.equals("column") == namesColumn)
                        .ifPresent(meant -> problems.add(new Problem(
                                file.file(),
                                number,
                                line.start(1) + 1,
                                "'" + word + ":' means nothing, did you mean '" + meant + ":'?",
                                "correct the word, or write the sentence otherwise")));
            }
        }
        return problems;
    }

    /** Without what editors and version control leave there. */
    private static List<Path> list(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .sorted()
                    .collect(Collectors.toList());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
