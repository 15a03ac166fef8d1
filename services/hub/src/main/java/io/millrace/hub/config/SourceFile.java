package io.millrace.hub.config;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.TableName;
import io.millrace.source.ColumnChoice;
import io.millrace.source.ReaderKind;
import io.millrace.source.SourceDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A file of {@code catalog/sources}.
 *
 * @param name of the source; part of its topics' names
 * @param tables {@code schema.table}
 * @param broadcast those of the tables whose rows go to every lane
 * @param laneColumn whose value chooses a row's lane; without one there is one lane
 * @param slot name of the replication slot; {@code millrace_<name>} unless given
 * @param publication name of the publication; {@code millrace_<name>} unless given
 * @param reader what reads the log: {@code native} or {@code debezium}
 * @param columns {@code schema.table.column}: of a table that is named here, only these are captured
 * @param except likewise: they are not captured
 * @param actorColumn in which the application keeps who changed a row last
 */
public record SourceFile(
        @DefaultValue("") String name,
        @DefaultValue List<String> tables,
        @DefaultValue List<String> broadcast,
        @Nullable String laneColumn,
        @Within(min = 1, max = 1024) @DefaultValue("1") int lanes,
        @Nullable String slot,
        @Nullable String publication,
        @DefaultValue("native") ReaderKind reader,
        @DefaultValue List<String> columns,
        @DefaultValue List<String> except,
        @Nullable String actorColumn) {

    /** The one source of a catalog. */
    public static SourceDefinition readOnly(Path catalog) {
        Path folder = catalog.resolve("sources");
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found =
                    files.filter(file -> file.toString().endsWith(".yaml")).toList();
            if (found.size() != 1) {
                throw new MillraceException(
                        Category.USER,
                        folder + " has " + found.size() + " source files",
                        "keep exactly one: a hub captures one source");
            }
            return read(found.getFirst());
        } catch (IOException missing) {
            throw new MillraceException(
                    Category.USER,
                    "there is no folder " + folder,
                    "name the catalog's folder with the key catalog of the configuration file");
        }
    }

    static SourceDefinition read(Path file) {
        SourceFile source = YamlFile.read(file, SourceFile.class);
        String own = "millrace_" + source.name;
        try {
            return new SourceDefinition(
                    new SourceName(source.name),
                    source.tables.stream().map(TableName::parse).toList(),
                    source.broadcast.stream().map(TableName::parse).collect(Collectors.toSet()),
                    source.laneColumn,
                    source.lanes,
                    source.slot == null ? own : source.slot,
                    source.publication == null ? own : source.publication,
                    source.reader,
                    ColumnChoice.parse(source.columns, source.except),
                    source.actorColumn);
        } catch (IllegalArgumentException wrong) {
            throw new MillraceException(Category.USER, file + ": " + wrong.getMessage(), "correct the file");
        }
    }
}
