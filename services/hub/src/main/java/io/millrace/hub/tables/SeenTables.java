package io.millrace.hub.tables;

import io.millrace.platform.data.DataDirectory;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.RelationSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The tables of a source as they were seen last: {@code <data>/tables/<source>.json}, the Avro schema of each table's rows. */
record SeenTables(Collection<RelationSchema> relations, Instant at) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static void remember(Path data, SourceName source, Collection<RelationSchema> relations) {
        Map<String, String> schemas = new TreeMap<>();
        relations.forEach(relation ->
                schemas.put(relation.name().toString(), relation.valueSchema().toString()));
        DataDirectory.mark(data);
        try {
            Path file = file(data, source);
            Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
            Path fresh = Files.createTempFile(folder, source.toString(), ".json");
            Files.write(fresh, JSON.writeValueAsBytes(schemas));
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static Optional<SeenTables> recall(Path data, SourceName source) {
        Path file = file(data, source);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            List<RelationSchema> relations = new ArrayList<>();
            JSON.readValue(file.toFile(), new TypeReference<Map<String, String>>() {})
                    .forEach((table, schema) -> relations.add(
                            RelationSchema.of(TableName.parse(table), new Schema.Parser().parse(schema))));
            return Optional.of(new SeenTables(
                    relations, Files.getLastModifiedTime(file).toInstant().truncatedTo(ChronoUnit.SECONDS)));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Path file(Path data, SourceName source) {
        return data.resolve("tables").resolve(source + ".json");
    }
}
