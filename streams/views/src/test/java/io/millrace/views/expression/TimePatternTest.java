package io.millrace.views.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.views.Oracle;
import io.millrace.views.planner.Unsupported;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimePatternTest {
    private static final List<String> BETWEEN =
            List.of("", "", " ", "-", "/", ":", ".", ",", "FM", "fm", "\"of\"", "T", "TH", "th", "0", "_", "x", "8D");
    private static final List<LocalDateTime> TIMES = List.of(
            LocalDateTime.of(2026, 1, 1, 0, 0),
            LocalDateTime.of(2026, 12, 31, 23, 59, 59, 999_999_000),
            LocalDateTime.of(2024, 2, 29, 12, 0, 0, 1_000),
            LocalDateTime.of(2027, 1, 3, 1, 2, 3, 123_456_000),
            LocalDateTime.of(1, 1, 1, 11, 0),
            LocalDateTime.of(0, 12, 30, 13, 7, 9, 50_000_000),
            LocalDateTime.of(-43, 3, 15, 12, 30),
            LocalDateTime.of(20231, 5, 9, 0, 30),
            LocalDateTime.of(999, 10, 10, 10, 10, 10));

    /** What is taken is Postgres' to the last character; the rest is refused. */
    @Test
    void patternsAtRandom_giveWhatPostgresGives() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<String, TimePattern> taken = new HashMap<>();
        while (taken.size() < 3_000) {
            String pattern = pattern(random);
            try {
                taken.put(pattern, TimePattern.parse(pattern));
            } catch (Unsupported refused) {
                assertThat(refused.remedy()).isNotBlank();
            }
        }
        try (Connection postgres = Oracle.connect();
                PreparedStatement query = postgres.prepareStatement(
                        "SELECT p, t.i, to_char(t.t, p) FROM unnest(?::text[]) p, unnest(?::timestamp[]) WITH ORDINALITY AS t(t, i)")) {
            Array patterns = postgres.createArrayOf("text", taken.keySet().toArray());
            query.setArray(1, patterns);
            query.setArray(2, postgres.createArrayOf("timestamp", texts().toArray()));
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    TimePattern pattern = java.util.Objects.requireNonNull(taken.get(rows.getString(1)));
                    LocalDateTime time = TIMES.get(rows.getInt(2) - 1);
                    assertThat(pattern.format(time))
                            .as("%s of %s, seed %d", rows.getString(1), time, seed)
                            .isEqualTo(rows.getString(3));
                }
            }
        }
    }

    private static List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (LocalDateTime time : TIMES) {
            String text = time.withYear(time.getYear() > 0 ? time.getYear() : 1 - time.getYear())
                    .toString()
                    .replace("+", "")
                    .replace('T', ' ');
            texts.add(time.getYear() > 0 ? text : text + " BC");
        }
        return texts;
    }

    private static String pattern(Random random) {
        StringBuilder pattern = new StringBuilder();
        for (int parts = 1 + random.nextInt(4); parts > 0; parts--) {
            String field = PatternFields.SHOWN.get(random.nextInt(PatternFields.SHOWN.size()));
            pattern.append(BETWEEN.get(random.nextInt(BETWEEN.size())));
            pattern.append(
                    switch (random.nextInt(4)) {
                        case 0 -> field.toLowerCase(Locale.ROOT);
                        case 1 -> field.toUpperCase(Locale.ROOT);
                        default -> field;
                    });
        }
        return pattern.append(BETWEEN.get(random.nextInt(BETWEEN.size()))).toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TZ",
                "OF",
                "DDTH",
                "YYYY-MM-DDTHH24",
                "B.C.",
                "Y,YYY",
                "RM",
                "TMMonth",
                "\"open",
                "a\\b",
                "jour",
                "CC",
                "é",
                "FM-"
            })
    void whatDependsOnALocaleOrZone_orHasAnotherMeaning_isRefused(String pattern) {
        assertThatThrownBy(() -> TimePattern.parse(pattern)).isInstanceOf(Unsupported.class);
    }
}
