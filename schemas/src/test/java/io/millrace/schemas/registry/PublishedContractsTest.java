package io.millrace.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A contract's published form is in {@code schemas/published}. A contract may change only so that old readers read new
 * records and new readers read old ones; after a release the published form is replaced by the new one.
 */
final class PublishedContractsTest {
    private static final Path PUBLISHED = Path.of("published");
    private static final Path CURRENT = Path.of("src/main/avro");

    static List<Path> published() throws IOException {
        try (Stream<Path> files = Files.list(PUBLISHED)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("published")
    void a_contract_reads_and_is_read_by_its_published_form(Path file) throws IOException {
        Schema published = parse(file);
        Schema current = parse(CURRENT.resolve(file.getFileName()));

        assertThat(compatibility(current, published)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
        assertThat(compatibility(published, current)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }

    @Test
    void a_new_field_without_default_is_refused() throws IOException {
        Schema published = parse(PUBLISHED.resolve("Position.avsc"));
        String broken = published
                .toString()
                .replaceFirst("\"fields\":\\[", "\"fields\":[{\"name\":\"added\",\"type\":\"string\"},");

        assertThat(compatibility(new Schema.Parser().parse(broken), published))
                .isEqualTo(SchemaCompatibilityType.INCOMPATIBLE);
    }

    /** A batch of views has what the view is, which is a contract of its own. */
    private static Schema parse(Path file) throws IOException {
        Schema.Parser parser = new Schema.Parser();
        String definition = "ViewDefinition.avsc";
        if (!file.endsWith(definition)) {
            parser.parse(file.resolveSibling(definition).toFile());
        }
        return parser.parse(file.toFile());
    }

    private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getType();
    }
}
