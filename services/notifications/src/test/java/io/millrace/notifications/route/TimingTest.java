package io.millrace.notifications.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimingTest {
    @ParameterizedTest
    @CsvSource({
        // In Prague it is an hour later than UTC in winter, two in summer.
        "20:00-07:00, 2026-01-10T18:59:59Z, 2026-01-10T18:59:59Z",
        "20:00-07:00, 2026-01-10T19:00:00Z, 2026-01-11T06:00:00Z",
        "20:00-07:00, 2026-01-10T23:30:00Z, 2026-01-11T06:00:00Z",
        "20:00-07:00, 2026-01-11T05:59:59Z, 2026-01-11T06:00:00Z",
        "20:00-07:00, 2026-01-11T06:00:00Z, 2026-01-11T06:00:00Z",
        "12:00-13:30, 2026-07-01T10:15:00Z, 2026-07-01T11:30:00Z",
        "12:00-13:30, 2026-07-01T11:30:00Z, 2026-07-01T11:30:00Z",
        // The night in which the clock goes forward.
        "20:00-07:00, 2026-03-28T22:00:00Z, 2026-03-29T05:00:00Z",
        "off, 2026-01-10T19:00:00Z, 2026-01-10T19:00:00Z",
    })
    void quietHours_endInTheirZone(String quiet, String time, String awake) {
        Timing timing = new Timing.Wish(null, quiet, "Europe/Prague").over(Timing.AT_ONCE);
        assertThat(timing.awake(Instant.parse(time))).isEqualTo(Instant.parse(awake));
    }

    @ParameterizedTest
    @CsvSource({
        "1h, 2026-01-10T18:00:00Z, 2026-01-10T19:00:00Z",
        "1h, 2026-01-10T18:59:59.999Z, 2026-01-10T19:00:00Z",
        "24h, 2026-01-10T18:00:00Z, 2026-01-10T23:00:00Z",
        // The last window of a day is shorter.
        "7h, 2026-01-10T20:30:00Z, 2026-01-10T23:00:00Z",
        "off, 2026-01-10T18:00:00Z, 2026-01-10T18:00:00Z",
    })
    void windows_divideTheDayOfTheZone(String digest, String time, String end) {
        Timing timing = new Timing.Wish(digest, null, "Europe/Prague").over(Timing.AT_ONCE);
        assertThat(timing.windowEnd(Instant.parse(time))).isEqualTo(Instant.parse(end));
    }

    @ParameterizedTest
    @CsvSource({
        "25h,,, digest '25h'",
        "0m,,, digest '0m'",
        "often,,, digest 'often'",
        ",8-9,, quiet '8-9'",
        ",25:00-07:00,, quiet '25:00-07:00'",
        ",07:00-07:00,, quiet '07:00-07:00'",
        ",,Middle/Earth, zone 'Middle/Earth'",
    })
    void whatIsWrong_isNamed(String digest, String quiet, String zone, String message) {
        Timing.Wish wish = new Timing.Wish(digest, quiet, zone);
        assertThatThrownBy(() -> wish.over(Timing.AT_ONCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void recipient_decidesOverTheRoute_butOnlyWhereItSaidSomething() {
        Timing route = new Timing.Wish("1h", "20:00-07:00", "Europe/Prague").over(Timing.AT_ONCE);
        assertThat(Timing.Wish.NONE.over(route)).isEqualTo(route);
        Timing both = new Timing.Wish("off", null, "Asia/Tokyo").over(route);
        assertThat(both.digest()).isNull();
        assertThat(both.quiet()).isEqualTo(route.quiet());
        assertThat(both.zone().getId()).isEqualTo("Asia/Tokyo");
    }
}
