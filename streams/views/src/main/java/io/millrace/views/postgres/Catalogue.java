package io.millrace.views.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What Postgres' catalogues say of types, casts, operators, functions and keywords. {@code PostgresCatalogueTest} compares it with
 * a server.
 */
public final class Catalogue {
    private static final Catalogue LOADED = load();

    private final Map<String, TypeEntry> types = new HashMap<>();
    private final Map<String, Context> casts = new HashMap<>();
    private final Map<String, List<Signature>> operators = new HashMap<>();
    private final Map<String, List<Signature>> functions = new HashMap<>();
    private final Map<String, Keyword> keywords = new HashMap<>();

    /** A type's category, and whether it is the one of its category that is chosen in doubt. */
    record TypeEntry(char category, boolean preferred) {}

    /** Where a cast is made: without being asked for, in an assignment, or where it is written. */
    enum Context {
        IMPLICIT,
        ASSIGNMENT,
        EXPLICIT
    }

    /**
     * An operator, a function or an aggregate.
     *
     * @param arguments type names; of a prefix operator one
     */
    public record Signature(String name, List<String> arguments, String result, boolean aggregate) {
        /** {@code name(type,type)}. */
        @Override
        public String toString() {
            return name + '(' + String.join(",", arguments) + ')';
        }
    }

    /**
     * A word of the grammar.
     *
     * @param category as {@code pg_get_keywords()} has it: R reserved, T a function's or type's name, C a column's, U any
     * @param bareLabel whether it can name a column without AS
     */
    public record Keyword(char category, boolean bareLabel) {}

    private Catalogue() {}

    private static Catalogue load() {
        Catalogue catalogue = new Catalogue();
        try (InputStream lines = Catalogue.class.getResourceAsStream("catalogue.txt")) {
            new String(Objects.requireNonNull(lines).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .forEach(catalogue::add);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return catalogue;
    }

    private void add(String line) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "type" -> types.put(words[1], new TypeEntry(words[2].charAt(0), words[3].equals("t")));
            case "cast" ->
                casts.put(
                        words[1] + ' ' + words[2],
                        switch (words[3]) {
                            case "i" -> Context.IMPLICIT;
                            case "a" -> Context.ASSIGNMENT;
                            default -> Context.EXPLICIT;
                        });
            case "operator" -> {
                List<String> arguments = words[2].equals(".") ? List.of(words[3]) : List.of(words[2], words[3]);
                operators
                        .computeIfAbsent(words[1], unseen -> new ArrayList<>())
                        .add(new Signature(words[1], arguments, words[4], false));
            }
            case "function", "aggregate" -> {
                List<String> arguments = words[2].equals(".") ? List.of() : List.of(words[2].split(",", -1));
                functions
                        .computeIfAbsent(words[1], unseen -> new ArrayList<>())
                        .add(new Signature(words[1], arguments, words[3], words[0].equals("aggregate")));
            }
            case "keyword" -> keywords.put(words[1], new Keyword(words[2].charAt(0), words[3].equals("t")));
            default -> throw new IllegalStateException("catalogue.txt: " + line);
        }
    }

    static TypeEntry type(String name) {
        return LOADED.types.getOrDefault(name, new TypeEntry('U', false));
    }

    /** Null if there is none. */
    static @org.jspecify.annotations.Nullable Context cast(String source, String target) {
        return LOADED.casts.get(source + ' ' + target);
    }

    static List<Signature> operators(String name, int arguments) {
        return LOADED.operators.getOrDefault(name, List.of()).stream()
                .filter(operator -> operator.arguments().size() == arguments)
                .toList();
    }

    /** Those of the name, with any number of arguments. */
    public static List<Signature> functions(String name) {
        return LOADED.functions.getOrDefault(name, List.of());
    }

    /** Null for a word that is a name anywhere. */
    public static @org.jspecify.annotations.Nullable Keyword keyword(String word) {
        return LOADED.keywords.get(word);
    }
}
