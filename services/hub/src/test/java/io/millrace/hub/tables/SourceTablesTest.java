package io.millrace.hub.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.config.YamlFile;
import io.millrace.platform.data.DataDirectory;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTablesTest {
    private static final RelationSchema ORDER = new RelationSchema(
            new TableName("public", "order"),
            List.of(
                    new Column("tenant_id", PgType.parse("bigint"), false),
                    new Column("id", PgType.parse("bigint"), false, "the number"),
                    new Column("amount", PgType.parse("numeric(12,2)"), true)),
            List.of("tenant_id", "id"),
            "tenant_id",
            false);
    private static final SourceDefinition SOURCE = SourceFile.readOnly(Path.of("../../catalog"));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private Path data() {
        return directory.resolve("data");
    }

    @Test
    void tablesOfASourceThatIsAway_areThoseThatWereSeenLast() throws Exception {
        HubConfig config = config("url: jdbc:postgresql://127.0.0.1:1/erp");
        assertThatThrownBy(() -> SourceTables.read(config, SOURCE))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("cannot read the tables of source erp at jdbc:postgresql://127.0.0.1:1/erp");
        SeenTables.remember(data(), SOURCE.name(), List.of());
        SeenTables.remember(data(), SOURCE.name(), List.of(ORDER));
        SourceTables tables = SourceTables.read(config, SOURCE);
        assertThat(tables.relations()).containsExactly(ORDER);
        assertThat(tables.note()).contains("unreachable", "seen at 20");
    }

    @Test
    void noServerAndNothingSeen_isAClearError() throws Exception {
        HubConfig config = config("url: embedded");
        assertThatThrownBy(() -> SourceTables.read(config, SOURCE))
                .isInstanceOfSatisfying(
                        MillraceException.class,
                        failure -> assertThat(failure.describe()).contains("./millrace demo"));
        SeenTables.remember(data(), SOURCE.name(), List.of(ORDER));
        assertThat(SourceTables.read(config, SOURCE).relations()).containsExactly(ORDER);
    }

    @Test
    void directoryInWhichTablesWereRemembered_isADataDirectory_andAnothersIsNot() throws Exception {
        SeenTables.remember(data(), SOURCE.name(), List.of(ORDER));
        assertThatCode(() -> DataDirectory.mark(data())).doesNotThrowAnyException();
        Path other = Files.createDirectories(directory.resolve("other"));
        Files.writeString(other.resolve("thesis.txt"), "mine");
        assertThatThrownBy(() -> SeenTables.remember(other, SOURCE.name(), List.of(ORDER)))
                .hasMessageContaining("holds files that are not Millrace's");
    }

    private HubConfig config(String source) throws Exception {
        return YamlFile.read(
                Files.writeString(
                        directory.resolve("millrace.yaml"), "data: " + data() + "\nsource: {" + source + "}\n"),
                HubConfig.class);
    }
}
