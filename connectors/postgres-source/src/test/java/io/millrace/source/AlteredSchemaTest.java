package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.EmbeddedRegistry;
import io.millrace.schemas.TableName;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry's latest schema is what the table is, also where it was that before. */
class AlteredSchemaTest {
    private static Schema schema(String type) {
        return new RelationSchema(
                        new TableName("public", "t"),
                        List.of(new Column("id", PgType.INT4, false), new Column("n", PgType.parse(type), true)),
                        List.of("id"),
                        null,
                        false)
                .valueSchema();
    }

    private static String latest(HttpSchemaRegistry registry) {
        return RelationSchema.of(
                        new TableName("public", "t"), registry.latest("t-value").orElseThrow())
                .columns()
                .get(1)
                .type()
                .name();
    }

    @Test
    void tableThatIsAlteredThereAndBack_hasItsPresentSchemaAsTheLatest(@TempDir Path directory) {
        try (EmbeddedRegistry server = EmbeddedRegistry.start(directory, 0)) {
            HttpSchemaRegistry registry = new HttpSchemaRegistry(server.url());
            for (String type : List.of("integer", "bigint", "integer", "bigint", "text", "integer")) {
                int id = registry.registerAltered("t-value", schema(type));
                assertThat(latest(registry)).isEqualTo(type);
                assertThat(registry.registerAltered("t-value", schema(type))).isEqualTo(id);
                HttpSchemaRegistry restarted = new HttpSchemaRegistry(server.url());
                assertThat(restarted.registerAltered("t-value", schema(type))).isEqualTo(id);
                assertThat(RelationSchema.columnsOf(restarted.schema(id)))
                        .isEqualTo(RelationSchema.columnsOf(schema(type)));
            }
        }
    }
}
