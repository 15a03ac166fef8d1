package io.millrace.hub.config;

import io.millrace.platform.failure.Suggestion;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.convert.ConversionException;
import org.springframework.util.unit.DataSize;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads YAML that is to be a record, and finds everything that does not fit: unknown keys, values of another type or beyond their
 * range, variables that are not set. Says where, and what is allowed; never the value, which may be a secret. Values are texts: the
 * password 0123 is not the octal number that YAML makes of it.
 */
final class YamlShape {
    private static final Pattern VARIABLE = Pattern.compile("(?<!\\\\)\\$\\{([^}:]+)(:[^}]*)?}");
    private static final List<Class<?>> TEXTS = List.of(String.class, Path.class, Secret.class);
    private static final List<Class<?>> WHOLE = List.of(int.class, long.class, short.class);

    private final Function<String, @Nullable String> variables;
    private final List<Found> found = new ArrayList<>();
    private final Map<String, Object> values = new LinkedHashMap<>();

    /** Line and column count from 1. */
    record Found(int line, int column, String message) {}

    /** @param variables the value of a name in <code>${…}</code>; null if it is not set */
    YamlShape(Function<String, @Nullable String> variables) {
        this.variables = variables;
    }

    void read(Node document, Class<?> type) {
        below(document, type, "");
    }

    /** Everything that is wrong. */
    List<Found> found() {
        return found;
    }

    /** The texts of the file as they stand, with the variables' values, by their path: {@code a.b[0]}. */
    Map<String, Object> values() {
        return values;
    }

    private void below(Node node, Class<?> type, String path) {
        Map<String, RecordComponent> known = new LinkedHashMap<>();
        for (RecordComponent component : type.getRecordComponents()) {
            known.put(key(component), component);
        }
        if (!(node instanceof MappingNode mapping)) {
            if (!isNull(node)) {
                String owner = path.isEmpty() ? "the file" : "'" + path + "'";
                tell(node, owner + " has keys below it: " + String.join(", ", known.keySet()));
            }
            return;
        }
        for (NodeTuple entry : mapping.getValue()) {
            entry(entry, known, path);
        }
    }

    /** {@code a.b: 1} is {@code a: {b: 1}}. */
    private void entry(NodeTuple entry, Map<String, RecordComponent> known, String path) {
        String written = text(entry.getKeyNode());
        int dot = written.indexOf('.');
        String first = dot < 0 ? written : written.substring(0, dot);
        RecordComponent component = known.entrySet().stream()
                .filter(one -> uniform(one.getKey()).equals(uniform(first)))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
        String whole = path.isEmpty() ? first : path + "." + first;
        if (component == null) {
            String meant = Suggestion.of(first, known.keySet());
            String all = "; the keys here are " + String.join(", ", known.keySet());
            tell(entry.getKeyNode(), "unknown key '" + whole + "'" + (meant.isEmpty() ? all : meant));
            return;
        }
        Node value = entry.getValueNode();
        if (dot > 0) {
            ScalarNode rest = new ScalarNode(
                    entry.getKeyNode().getTag(),
                    written.substring(dot + 1),
                    entry.getKeyNode().getStartMark(),
                    entry.getKeyNode().getEndMark(),
                    DumperOptions.ScalarStyle.PLAIN);
            value = new MappingNode(
                    Tag.MAP,
                    true,
                    List.of(new NodeTuple(rest, entry.getValueNode())),
                    entry.getKeyNode().getStartMark(),
                    entry.getValueNode().getEndMark(),
                    DumperOptions.FlowStyle.BLOCK);
        }
        value(value, component.getGenericType(), component, whole);
    }

    private void value(Node node, Type type, RecordComponent component, String path) {
        if (isNull(node)) {
            return;
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            elements(node, generic.getActualTypeArguments()[0], component, path);
        } else if (type instanceof ParameterizedType) {
            if (node instanceof MappingNode) {
                leaves(node, path);
            } else {
                tell(node, "'" + path + "' has keys below it");
            }
        } else if (type instanceof Class<?> record && record.isRecord() && record != Secret.class) {
            below(node, record, path);
        } else if (node instanceof ScalarNode scalar) {
            scalar(scalar, (Class<?>) type, component, path);
        } else {
            tell(node, "'" + path + "' is " + described((Class<?>) type, component));
        }
    }

    private void elements(Node node, Type type, RecordComponent component, String path) {
        if (node instanceof SequenceNode sequence) {
            if (sequence.getValue().isEmpty()) {
                values.put(path, "");
            }
            for (int i = 0; i < sequence.getValue().size(); i++) {
                value(sequence.getValue().get(i), type, component, path + "[" + i + "]");
            }
        } else if (node instanceof ScalarNode scalar && type instanceof Class<?> simple && !simple.isRecord()) {
            resolve(scalar).filter(text -> !text.isBlank()).ifPresent(text -> {
                values.put(path, text);
                Arrays.stream(text.split(",")).forEach(one -> convert(scalar, one.strip(), simple, component, path));
            });
        } else {
            tell(node, "'" + path + "' is a list");
        }
    }

    /** Of a map, which has any keys. */
    private void leaves(Node node, String path) {
        switch (node) {
            case ScalarNode scalar -> resolve(scalar).ifPresent(text -> values.put(path, text));
            case SequenceNode sequence -> {
                for (int i = 0; i < sequence.getValue().size(); i++) {
                    leaves(sequence.getValue().get(i), path + "[" + i + "]");
                }
            }
            case MappingNode mapping ->
                mapping.getValue()
                        .forEach(entry -> leaves(entry.getValueNode(), path + "." + text(entry.getKeyNode())));
            default -> throw new IllegalStateException("not resolved: " + node);
        }
    }

    private void scalar(ScalarNode scalar, Class<?> type, RecordComponent component, String path) {
        resolve(scalar).ifPresent(text -> {
            values.put(path, text);
            convert(scalar, text, type, component, path);
        });
    }

    /** With the variables' values; empty if one is not set, which is told. */
    private Optional<String> resolve(ScalarNode scalar) {
        StringBuilder resolved = new StringBuilder();
        Matcher variable = VARIABLE.matcher(scalar.getValue());
        boolean complete = true;
        while (variable.find()) {
            String value = variables.apply(variable.group(1).strip());
            if (value == null && variable.group(2) != null) {
                value = variable.group(2).substring(1);
            }
            if (value == null) {
                complete = false;
                tell(scalar, "the environment variable " + variable.group(1) + " is not set");
            } else {
                variable.appendReplacement(resolved, Matcher.quoteReplacement(value));
            }
        }
        return complete
                ? Optional.of(variable.appendTail(resolved).toString().replace("\\${", "${"))
                : Optional.empty();
    }

    private void convert(Node at, String text, Class<?> type, RecordComponent component, String path) {
        Object value = text;
        try {
            if (!TEXTS.contains(type)) {
                value = ApplicationConversionService.getSharedInstance().convert(text, type);
            }
        } catch (ConversionException | IllegalArgumentException wrong) {
            tell(at, "'" + path + "' is not " + described(type, component));
            return;
        }
        if (!isAllowed(value, type) || !isWithin(value, component) || !matches(text, component)) {
            tell(at, "'" + path + "' is not " + described(type, component));
        }
    }

    private static boolean isAllowed(@Nullable Object value, Class<?> type) {
        return type == Path.class
                ? value instanceof String path && !path.isBlank() && !path.contains("://")
                : value != null;
    }

    private static boolean isWithin(@Nullable Object value, RecordComponent component) {
        Within within = component.getAnnotation(Within.class);
        if (within == null || value == null) {
            return true;
        }
        double number =
                value instanceof Duration duration ? (double) duration.toMillis() : ((Number) value).doubleValue();
        return number >= within.min() && number <= within.max();
    }

    private static boolean matches(String text, RecordComponent component) {
        Matches matches = component.getAnnotation(Matches.class);
        return matches == null || text.isEmpty() || text.equals(HubConfig.EMBEDDED) || text.matches(matches.regex());
    }

    private static String described(Class<?> type, RecordComponent component) {
        Matches matches = component.getAnnotation(Matches.class);
        if (matches != null) {
            return matches.as();
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(constant ->
                            ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .collect(Collectors.joining(", ", "one of ", ""));
        }
        if (type == boolean.class) {
            return "true or false";
        }
        Within within = component.getAnnotation(Within.class);
        if (type == Duration.class) {
            String least = within == null || within.min() == 0 ? "" : " of at least " + (long) within.min() + "ms";
            return "a duration" + least + ", such as 500ms, 5s or 2m";
        }
        if (type == DataSize.class) {
            return "a size, such as 100MB or 2GB";
        }
        if (WHOLE.contains(type) || type == double.class) {
            return (type == double.class ? "a number" : "a whole number") + (within == null ? "" : range(within));
        }
        return type == Path.class ? "a path" : "a text";
    }

    private static String range(Within within) {
        String least = String.format(Locale.ROOT, "%.0f", within.min());
        return within.max() == Double.POSITIVE_INFINITY
                ? " of at least " + least
                : String.format(Locale.ROOT, " from %s to %.0f", least, within.max());
    }

    private static String key(RecordComponent component) {
        Name name;
        try {
            name = component
                    .getDeclaringRecord()
                    .getDeclaredField(component.getName())
                    .getAnnotation(Name.class);
        } catch (NoSuchFieldException impossible) {
            throw new IllegalStateException(impossible);
        }
        return name != null
                ? name.value()
                : component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static String uniform(String key) {
        return key.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    private static String text(Node key) {
        return key instanceof ScalarNode scalar ? scalar.getValue() : "?";
    }

    private static boolean isNull(Node node) {
        return Tag.NULL.equals(node.getTag());
    }

    private void tell(Node node, String message) {
        found.add(
                new Found(node.getStartMark().getLine() + 1, node.getStartMark().getColumn() + 1, message));
    }
}
