package io.millrace.catalog;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.ViewName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Reads {@code views/*.sql}, {@code controls/*.sql} and {@code reports/*.sql}. The name of a file is the name of its view. Comments before the query describe it; of them,
 * {@code -- key: a, b} declares the key, {@code -- column x: text} describes a column; of controls, {@code -- severity: high} and so
 * on are kept apart.
 */
public final class ViewFiles {
    private static final String SUFFIX = ".sql";

    /** What the header of a control says beside its key; of other files these are words of the description. */
    public static final List<String> CONTROL_HEADER = List.of("title", "severity", "owner", "remedy");

    static final String CONTROLS = "controls/";

    private ViewFiles() {}

    /** The views, in the order of their names. */
    public static List<ViewFile> read(Path catalog) {
        Path folder = catalog.resolve("views");
        if (!Files.isDirectory(folder)) {
            throw new MillraceException(
                    Category.USER,
                    "there is no folder " + folder,
                    "name the catalog's folder with the key catalog of the configuration file");
        }
        return read(catalog, folder);
    }

    /** The reports, in the order of their names; none if there is no folder of them. */
    public static List<ViewFile> readReports(Path catalog) {
        Path folder = catalog.resolve("reports");
        return Files.isDirectory(folder) ? read(catalog, folder) : List.of();
    }

    /** The controls, in the order of their names; none if there is no folder of them. */
    public static List<ViewFile> readControls(Path catalog) {
        Path folder = catalog.resolve(CONTROLS);
        return Files.isDirectory(folder) ? read(catalog, folder) : List.of();
    }

    /** Everything that the engine maintains: views, then controls. */
    public static List<ViewFile> readMaintained(Path catalog) {
        List<ViewFile> all = new ArrayList<>(read(catalog));
        all.addAll(readControls(catalog));
        return all;
    }

    private static List<ViewFile> read(Path catalog, Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<ViewFile> views = new ArrayList<>();
            for (Path file : files.filter(path -> path.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList()) {
                views.add(parse(catalog.relativize(file).toString(), Files.readString(file)));
            }
            return views;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** @param file path within the catalog */
    public static ViewFile parse(String file, String sql) {
        String name = file.substring(file.lastIndexOf('/') + 1, file.length() - SUFFIX.length());
        List<String> key = List.of();
        Map<String, String> columns = new LinkedHashMap<>();
        List<String> description = new ArrayList<>();
        Map<String, String> header = new LinkedHashMap<>();
        List<String> headerKeys = file.startsWith(CONTROLS) ? CONTROL_HEADER : List.of();
        for (String line : sql.lines()
                .takeWhile(line -> line.isBlank() || line.startsWith("--"))
                .toList()) {
            String text = line.replaceFirst("^--\\s?", "").strip();
            if (text.startsWith("key:")) {
                key = List.of(text.substring("key:".length()).strip().split("\\s*,\\s*"));
            } else if (text.startsWith("column ") && text.indexOf(':') > 0) {
                columns.put(
                        text.substring("column ".length(), text.indexOf(':')).strip(),
                        text.substring(text.indexOf(':') + 1).strip());
            } else if (text.indexOf(':') > 0 && headerKeys.contains(text.substring(0, text.indexOf(':')))) {
                header.put(
                        text.substring(0, text.indexOf(':')),
                        text.substring(text.indexOf(':') + 1).strip());
            } else if (!text.isEmpty()) {
                description.add(text);
            }
        }
        try {
            return new ViewFile(file, new ViewName(name), sql, String.join(" ", description), key, columns, header);
        } catch (IllegalArgumentException wrong) {
            throw new MillraceException(Category.USER, file + ": " + wrong.getMessage(), "rename the file");
        }
    }
}
