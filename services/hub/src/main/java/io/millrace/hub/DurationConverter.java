package io.millrace.hub;

import java.time.Duration;
import org.springframework.boot.convert.DurationStyle;
import picocli.CommandLine.ITypeConverter;

/** "30s", "5m", "1h", "500ms". */
final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        return DurationStyle.SIMPLE.parse(text);
    }
}
