package io.millrace.schemas.row;

/**
 * A value of Postgres' {@code time}. Unlike {@link java.time.LocalTime}, it goes up to 24:00:00.
 *
 * @param micros microseconds since midnight, from 0 to {@link #LATEST}
 */
public record TimeOfDay(long micros) implements Comparable<TimeOfDay> {
    /** 24:00:00 */
    public static final long LATEST = 86_400_000_000L;

    private static final long MICROS_PER_SECOND = 1_000_000;

    public TimeOfDay {
        if (micros < 0 || micros > LATEST) {
            throw new IllegalArgumentException(micros + " microseconds are not a time of day");
        }
    }

    public static TimeOfDay of(int hour, int minute, int second, int micros) {
        return new TimeOfDay((hour * 3_600L + minute * 60L + second) * MICROS_PER_SECOND + micros);
    }

    @Override
    public int compareTo(TimeOfDay other) {
        return Long.compare(micros, other.micros);
    }

    /** As Postgres writes it, e.g. {@code 07:05:00.5}. */
    @Override
    public String toString() {
        long seconds = micros / MICROS_PER_SECOND;
        return PgText.time((int) (seconds / 3_600), (int) (seconds / 60 % 60), (int) (seconds % 60), (int)
                (micros % MICROS_PER_SECOND));
    }
}
