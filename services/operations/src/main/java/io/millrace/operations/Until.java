package io.millrace.operations;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times in the future as people write them. */
public final class Until {
    private static final Pattern FROM_NOW = Pattern.compile("(\\d{1,6})([mhd])");

    private Until() {}

    /** A date (its begin, UTC), an instant, or minutes, hours or days from now. */
    public static Instant parse(String text, Instant now) {
        Instant until;
        try {
            Matcher fromNow = FROM_NOW.matcher(text);
            until = fromNow.matches()
                    ? now.plus(duration(Long.parseLong(fromNow.group(1)), fromNow.group(2)))
                    : text.contains("T")
                            ? Instant.parse(text)
                            : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException wrong) {
            throw new MillraceException(
                    Category.USER,
                    "not a time: '" + text + "'",
                    "write a date (2026-12-31), an instant (2026-12-31T18:00:00Z), or 30m, 12h, 7d");
        }
        if (!until.isAfter(now)) {
            throw new MillraceException(Category.USER, "'" + text + "' has passed", "name a time in the future");
        }
        return until;
    }

    private static Duration duration(long amount, String unit) {
        return switch (unit) {
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }
}
