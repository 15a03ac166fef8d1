package io.millrace.views.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.views.Oracle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What we hold to be in Postgres' catalogues is there; {@code -Dmillrace.catalogue=write} writes it again. */
class PostgresCatalogueTest {
    private static final Path FILE = Path.of("src/main/resources/io/millrace/views/postgres/catalogue.txt");

    @Test
    void catalogue_isPostgresOwn() throws Exception {
        try (Connection connection = Oracle.connect()) {
            List<String> lines =
                    Oracle.column(connection, Oracle.resource(PostgresCatalogueTest.class, "catalogue.sql"));
            if ("write".equals(System.getProperty("millrace.catalogue"))) {
                Files.write(FILE, lines);
            }
            assertThat(Files.readAllLines(FILE)).isEqualTo(lines);
        }
    }
}
