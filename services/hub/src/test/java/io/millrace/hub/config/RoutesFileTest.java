package io.millrace.hub.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.notifications.route.Route;
import io.millrace.notifications.route.Timing;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoutesFileTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path catalog;

    @Test
    void timing_isRead_andIsAtOnceWhereNothingIsSaid() throws IOException {
        List<Route> routes = read("""
                routes:
                  - name: owners
                    to: ["{owner}@example.test"]
                  - name: auditors
                    to: [audit@example.test]
                    digest: 1h
                    quiet: 20:00-07:00
                    zone: Europe/Prague
                """);
        assertThat(routes)
                .extracting(Route::timing)
                .containsExactly(
                        Timing.AT_ONCE,
                        new Timing(
                                Duration.ofHours(1),
                                new Timing.Quiet(LocalTime.of(20, 0), LocalTime.of(7, 0)),
                                ZoneId.of("Europe/Prague")));
    }

    @Test
    void allMistakes_areToldAtOnce() {
        assertThatThrownBy(() -> read("""
                routes:
                  - name: a
                    to: [a@example.test]
                    digest: sometimes
                  - name: a
                    to: []
                    quiet: 20-7
                  - name: b
                    to: [a@example.test]
                    class: critical
                    digest: 1h
                """))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("routes.yaml: route 1 (a): digest 'sometimes'")
                .hasMessageContaining("route 2 (a) has no name of its own")
                .hasMessageContaining("route 2 (a) tells nobody")
                .hasMessageContaining("route 2 (a): quiet '20-7'")
                .hasMessageContaining("route 3 (b) is critical: its mail does not wait");
    }

    private List<Route> read(String yaml) throws IOException {
        Files.writeString(catalog.resolve("routes.yaml"), yaml);
        return RoutesFile.read(catalog);
    }
}
