package io.millrace.notifications.route;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * When mail is welcome.
 *
 * @param digest length of the windows whose mails come as one; null: each as it is
 * @param quiet hours without mail; null: none
 * @param zone of the quiet hours and of the day that windows divide
 */
public record Timing(@Nullable Duration digest, @Nullable Quiet quiet, ZoneId zone) {
    public static final Timing AT_ONCE = new Timing(null, null, ZoneOffset.UTC);

    private static final String OFF = "off";
    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,5})([smh])");
    private static final Pattern HOURS = Pattern.compile("(\\d{2}:\\d{2})-(\\d{2}:\\d{2})");
    private static final Duration DAY = Duration.ofDays(1);

    /** @param to before {@code from}: it is over the next day */
    public record Quiet(LocalTime from, LocalTime to) {}

    /**
     * As people write it, each null if nothing was said.
     *
     * @param digest 15m, 1h … 24h, or off
     * @param quiet 20:00-07:00, or off
     * @param zone Europe/Prague
     */
    public record Wish(
            @Nullable String digest,
            @Nullable String quiet,
            @Nullable String zone) {
        public static final Wish NONE = new Wish(null, null, null);

        /**
         * What was said counts, the rest is as before.
         *
         * @throws IllegalArgumentException that says what is wrong
         */
        public Timing over(Timing before) {
            return new Timing(
                    digest == null ? before.digest : Timing.digest(digest),
                    quiet == null ? before.quiet : Timing.quiet(quiet),
                    zone == null ? before.zone : Timing.zone(zone));
        }
    }

    private static @Nullable Duration digest(String text) {
        if (text.equals(OFF)) {
            return null;
        }
        Matcher matcher = AMOUNT.matcher(text);
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            Duration length = switch (matcher.group(2)) {
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofHours(amount);
            };
            if (length.isPositive() && length.compareTo(DAY) <= 0) {
                return length;
            }
        }
        throw new IllegalArgumentException(
                "digest '" + text + "' is not a time of up to 24h: write 15m, 1h, 24h, or off");
    }

    private static @Nullable Quiet quiet(String text) {
        if (text.equals(OFF)) {
            return null;
        }
        Matcher matcher = HOURS.matcher(text);
        if (matcher.matches()) {
            try {
                Quiet quiet = new Quiet(LocalTime.parse(matcher.group(1)), LocalTime.parse(matcher.group(2)));
                if (!quiet.from.equals(quiet.to)) {
                    return quiet;
                }
            } catch (DateTimeException noTime) {
                throw new IllegalArgumentException("quiet '" + text + "': " + noTime.getMessage(), noTime);
            }
        }
        throw new IllegalArgumentException("quiet '" + text + "' is not a time of day: write 20:00-07:00, or off");
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException wrong) {
            throw new IllegalArgumentException("zone '" + text + "' is unknown: write one like Europe/Prague", wrong);
        }
    }

    /** The time itself, or the end of the quiet hours that it is in. */
    public Instant awake(Instant time) {
        if (quiet == null) {
            return time;
        }
        ZonedDateTime local = time.atZone(zone);
        LocalTime now = local.toLocalTime();
        boolean overnight = quiet.to.isBefore(quiet.from);
        boolean evening = !now.isBefore(quiet.from);
        boolean morning = now.isBefore(quiet.to);
        if (overnight ? !evening && !morning : !evening || !morning) {
            return time;
        }
        ZonedDateTime end = local.toLocalDate().atTime(quiet.to).atZone(zone);
        return (overnight && evening ? end.plusDays(1) : end).toInstant();
    }

    /** The end of the window that a time is in. Windows begin at midnight; the last of a day may be shorter. */
    public Instant windowEnd(Instant time) {
        if (digest == null) {
            return time;
        }
        ZonedDateTime local = time.atZone(zone);
        Instant midnight = local.toLocalDate().atStartOfDay(zone).toInstant();
        Instant next = local.toLocalDate().plusDays(1).atStartOfDay(zone).toInstant();
        long windows = Duration.between(midnight, time).dividedBy(digest) + 1;
        Instant end = midnight.plus(digest.multipliedBy(windows));
        return end.isBefore(next) ? end : next;
    }
}
