package io.millrace.platform.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path root;

    @Test
    void oneProcessHasIt_andTellsOthers_untilItEnds() {
        try (DataDirectory directory = DataDirectory.open(root)) {
            assertThat(DataDirectory.running(root)).isEmpty();
            directory.tell(Map.of("http.url", "http://127.0.0.1:1"));
            directory.tell(Map.of("smtp", "127.0.0.1:2", "postgres.password", "secret"));
            assertThat(directory.told()).containsOnlyKeys("http.url", "smtp");
            assertThat(DataDirectory.running(root))
                    .containsEntry("http.url", "http://127.0.0.1:1")
                    .containsEntry("smtp", "127.0.0.1:2");
            assertThatThrownBy(() -> DataDirectory.open(root))
                    .isInstanceOf(MillraceException.class)
                    .hasMessageContaining(
                            "is in use by process " + ProcessHandle.current().pid());
        }
        assertThat(DataDirectory.running(root)).isEmpty();
        DataDirectory.open(root).close();
    }

    @Test
    void whatAKilledProcessTold_isNotTakenForARunningOne() throws IOException {
        Path file = root.resolve("endpoints.json");
        String told;
        try (DataDirectory directory = DataDirectory.open(root)) {
            directory.tell(Map.of("http.url", "x"));
            told = Files.readString(file);
        }
        for (String other : new String[] {
            told.replace("\"pid\" : " + ProcessHandle.current().pid(), "\"pid\" : " + Long.MAX_VALUE),
            told.replaceAll("\"started\" : \"....", "\"started\" : \"1999"),
            "{\"pid\"",
            "",
            "[]",
            "{}"
        }) {
            Files.writeString(file, other);
            assertThat(DataDirectory.running(root)).as(other).isEmpty();
        }
        Files.writeString(file, told);
        assertThat(DataDirectory.running(root)).containsEntry("http.url", "x");
    }

    @Test
    void filesOfOthersAreRefused_andAreLeftAlone() throws IOException {
        Files.writeString(root.resolve("mine.txt"), "mine");
        assertThatThrownBy(() -> DataDirectory.open(root)).hasMessageContaining("holds files that are not Millrace's");
        assertThat(root.resolve("mine.txt")).hasContent("mine");
        assertThat(root.resolve(".lock")).doesNotExist();
    }

    @Test
    void clearedDirectoryStaysTaken() throws IOException {
        try (DataDirectory directory = DataDirectory.open(root)) {
            Files.createDirectories(root.resolve("kafka/log"));
            Files.writeString(root.resolve("kafka/log/1"), "x");
            directory.clear();
            assertThat(root.resolve("kafka")).doesNotExist();
            assertThatThrownBy(() -> DataDirectory.open(root)).hasMessageContaining("is in use");
        }
        assertThat(root).isDirectoryContaining("glob:**.millrace-data");
    }
}
