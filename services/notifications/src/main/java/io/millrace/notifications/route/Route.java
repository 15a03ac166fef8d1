package io.millrace.notifications.route;

import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.Evidence;
import io.millrace.schemas.avro.Severity;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who is told of alerts of some kind. What is empty or null matches everything.
 *
 * @param severity at least so severe
 * @param controls names of controls
 * @param owners of the control
 * @param tenants values of the evidence's {@code tenant_id}
 * @param to addresses; {@code {owner}}, {@code {control}} and {@code {column}} of the evidence stand for their values
 * @param template name of the template
 * @param timing for recipients that did not say when they want mail
 */
public record Route(
        String name,
        @Nullable Severity severity,
        List<String> controls,
        List<String> owners,
        List<String> tenants,
        List<String> to,
        String template,
        Importance importance,
        Timing timing) {
    static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z_][a-z0-9_]*)}");

    public boolean matches(Alert alert) {
        return (severity == null || alert.getSeverity().compareTo(severity) >= 0)
                && (controls.isEmpty() || controls.contains(alert.getControl()))
                && (owners.isEmpty() || owners.contains(alert.getOwner()))
                && (tenants.isEmpty() || tenants.contains(value(alert, "tenant_id")));
    }

    /** Names in braces that the addresses have. */
    public Set<String> placeholders() {
        return to.stream()
                .flatMap(address -> PLACEHOLDER.matcher(address).results())
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    /**
     * The addresses for an alert. One that names a column is not for alerts that have no such column; where it has no value, the
     * placeholder stays, and makes the address invalid.
     */
    public List<String> recipients(Alert alert) {
        return to.stream()
                .filter(address -> PLACEHOLDER.matcher(address).results().allMatch(found -> has(alert, found.group(1))))
                .map(address -> PLACEHOLDER.matcher(address).replaceAll(found -> {
                    String value = value(alert, found.group(1));
                    return Matcher.quoteReplacement(value == null ? found.group() : value);
                }))
                .distinct()
                .toList();
    }

    private static boolean has(Alert alert, String name) {
        return name.equals("owner")
                || name.equals("control")
                || alert.getEvidence().stream()
                        .anyMatch(column -> column.getName().equals(name));
    }

    private static @Nullable String value(Alert alert, String name) {
        return switch (name) {
            case "owner" -> alert.getOwner();
            case "control" -> alert.getControl();
            default ->
                alert.getEvidence().stream()
                        .filter(column -> column.getName().equals(name))
                        .findFirst()
                        .map(Evidence::getValue)
                        .orElse(null);
        };
    }
}
