package io.millrace.hub.format;

import io.millrace.hub.format.Listing.Column;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Prints in the form that was asked for. */
public final class Output {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final int LINE = 120;

    /** A form. */
    public enum Format {
        TABLE,
        JSON,
        YAML,
        CSV;

        /** As it is typed. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            defaultValue = "table",
            description = "Of what is listed or shown: ${COMPLETION-CANDIDATES}. Default: table")
    private Format format = Format.TABLE;

    public boolean isTable() {
        return format == Format.TABLE;
    }

    /** All things, each on a line; of JSON and YAML a list. */
    public <T> void list(PrintWriter out, Listing<T> listing, List<T> things) {
        switch (format) {
            case TABLE -> table(out, listing, things);
            case JSON, YAML -> write(out, things.stream().map(listing::values).toList());
            case CSV -> csv(out, listing, things);
        }
        out.flush();
    }

    /** One thing, with all that programs get of it. */
    public <T> void one(PrintWriter out, Listing<T> listing, T thing, Consumer<PrintWriter> forPeople) {
        switch (format) {
            case TABLE -> forPeople.accept(out);
            case JSON, YAML -> write(out, listing.values(thing));
            case CSV -> csv(out, listing, List.of(thing));
        }
        out.flush();
    }

    /** For programs, more than a list: CSV has the list alone. */
    public <T> void document(PrintWriter out, Object document, Listing<T> listing, List<T> things) {
        if (format == Format.CSV) {
            csv(out, listing, things);
        } else {
            write(out, document);
        }
        out.flush();
    }

    private void write(PrintWriter out, Object tree) {
        if (format == Format.YAML) {
            DumperOptions options = new DumperOptions();
            options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
            options.setWidth(LINE);
            out.print(new Yaml(options).dump(JSON.convertValue(tree, new TypeReference<Object>() {})));
        } else {
            out.println(JSON.writeValueAsString(tree));
        }
    }

    private static <T> void table(PrintWriter out, Listing<T> listing, List<T> things) {
        if (things.isEmpty()) {
            out.println(listing.none());
            return;
        }
        List<Column<T>> columns = listing.columns().stream()
                .filter(column -> column.shown() != null)
                .toList();
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(Column::name).toList());
        for (T thing : things) {
            lines.add(columns.stream()
                    .map(column -> Objects.requireNonNull(column.shown()).apply(thing))
                    .toList());
        }
        for (List<String> line : lines) {
            StringBuilder padded = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                int column = i;
                int width = lines.stream()
                        .mapToInt(each -> each.get(column).length())
                        .max()
                        .orElse(0);
                padded.append(line.get(i)).repeat(' ', width - line.get(i).length() + 2);
            }
            out.println(padded.toString().stripTrailing());
        }
    }

    private static <T> void csv(PrintWriter out, Listing<T> listing, List<T> things) {
        out.println(listing.columns().stream().map(Column::name).collect(Collectors.joining(",")));
        for (T thing : things) {
            Map<String, @Nullable Object> values = listing.values(thing);
            out.println(listing.columns().stream()
                    .map(column -> cell(values.get(column.name())))
                    .collect(Collectors.joining(",")));
        }
    }

    /** As RFC 4180 has it. A text that a spreadsheet would take for a formula gets an apostrophe. */
    private static String cell(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        String text = value instanceof Map ? JSON.writeValueAsString(value) : value.toString();
        if (value instanceof String && !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0) {
            text = "'" + text;
        }
        return text.matches("(?s).*[\",\\n\\r].*") ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
