package io.millrace.hub.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.catalog.Problem;
import io.millrace.catalog.ViewFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogFolderTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path catalog;

    @Test
    void whatNobodyReads_isTold() throws IOException {
        for (String file : List.of(
                "views/a.sql",
                "views/b.SQL",
                "views/.c.sql.swp",
                "control/d.sql",
                "sources/erp.yml",
                "routes.yml",
                "templates/alert.html",
                ".gitignore")) {
            Files.createDirectories(catalog.resolve(file).getParent());
            Files.writeString(catalog.resolve(file), "x");
        }
        assertThat(CatalogFolder.problems(catalog))
                .extracting(problem -> problem.file() + ": " + problem.message())
                .containsExactly(
                        "control/: nobody reads this, did you mean 'controls'?",
                        "routes.yml: nobody reads this, did you mean 'routes.yaml'?",
                        "sources/erp.yml: nobody reads this",
                        "views/b.SQL: nobody reads this");
    }

    @Test
    void mistypedLinesOfAHeader_areTold_andSentencesAreNot() {
        assertThat(header("controls/c.sql", """
                        -- Who approved: whom, and when.
                        -- sevrity: high
                        -- Owner: finance
                        -- keys: id
                        -- colum a: what it is
                        -- title: fine
                        -- Columns: a and b
                        SELECT 1 AS a -- kei: b
                        """))
                .containsExactly(
                        "controls/c.sql:2:4: 'sevrity:' means nothing, did you mean 'severity:'?",
                        "controls/c.sql:3:4: 'Owner:' means nothing, did you mean 'owner:'?",
                        "controls/c.sql:4:4: 'keys:' means nothing, did you mean 'key:'?",
                        "controls/c.sql:5:4: 'colum:' means nothing, did you mean 'column:'?");
        assertThat(header("views/v.sql", "-- severity: of alerts\n-- sevrity: x\nSELECT 1"))
                .isEmpty();
    }

    private static List<String> header(String file, String sql) {
        return CatalogFolder.header(ViewFiles.parse(file, sql)).stream()
                .map(Problem::toString)
                .map(text -> text.lines().findFirst().orElseThrow())
                .toList();
    }
}
