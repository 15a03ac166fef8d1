package io.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import io.millrace.hub.config.HubConfig;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogsTest {
    @TempDir
    Path folder;

    @Test
    void files_areJson_goOnInAnotherWhenTheyAreLarge_andTheOldestGo() {
        HubConfig.Logs logs = new HubConfig.Logs(
                HubConfig.Logs.Format.JSON, folder.toString(), 14, DataSize.ofKilobytes(20), DataSize.ofKilobytes(40));
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        OutputStreamAppender<ILoggingEvent> appender = Logs.appender(logs, context);
        Logger logger = context.getLogger("test");
        logger.addAppender(appender);
        // The first file is gone when the files together were larger than their limit.
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> {
                    for (int i = 0; i < 300; i++) {
                        logger.info("line {} of {}", i, Math.random());
                    }
                    assertThat(files())
                            .anyMatch(file -> file.endsWith(".log.gz"))
                            .noneMatch(file -> file.endsWith(".0.log.gz"));
                });
        appender.stop();
        context.stop();
        List<String> zipped = files().filter(file -> file.endsWith(".gz")).toList();
        assertThat(zipped).allMatch(file -> file.matches("millrace\\.\\d{4}-\\d\\d-\\d\\d\\.\\d+\\.log\\.gz"));
        JsonNode line = JsonMapper.builder().build().readTree(firstLine(folder.resolve(zipped.getFirst())));
        assertThat(line.path("formattedMessage").stringValue()).startsWith("line ");
        assertThat(line.path("level").stringValue()).isEqualTo("INFO");
        assertThat(line.path("loggerName").stringValue()).isEqualTo("test");
    }

    private Stream<String> files() {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(file -> file.getFileName().toString()).sorted().toList().stream();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String firstLine(Path zipped) {
        try (InputStreamReader reader =
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(zipped)), StandardCharsets.UTF_8)) {
            return reader.readAllAsString().lines().findFirst().orElseThrow();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
