package io.millrace.views.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names of types, as Postgres' grammar has them: {@code double precision}, {@code timestamp(3) with time zone}. */
class TypeParser extends Cursor {
    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("int", "int4"),
            Map.entry("integer", "int4"),
            Map.entry("smallint", "int2"),
            Map.entry("bigint", "int8"),
            Map.entry("real", "float4"),
            Map.entry("decimal", "numeric"),
            Map.entry("dec", "numeric"),
            Map.entry("boolean", "bool"),
            Map.entry("char", "bpchar"),
            Map.entry("character", "bpchar"),
            Map.entry("nchar", "bpchar"));
    private static final Set<String> FIELDS = Set.of("year", "month", "day", "hour", "minute", "second");

    TypeParser(List<Token> tokens) {
        super(tokens);
    }

    /** Whether a type of several words, or one that is also a keyword, begins here. */
    final boolean isTypeKeyword() {
        Token token = peek();
        return token.kind() == Token.Kind.WORD
                && (WORDS.containsKey(token.text())
                        || Set.of(
                                        "double",
                                        "numeric",
                                        "varchar",
                                        "timestamp",
                                        "time",
                                        "interval",
                                        "float",
                                        "national",
                                        "json",
                                        "bit")
                                .contains(token.text()));
    }

    final TypeName typeName() {
        Position at = here();
        if (isWord("setof")) {
            throw Refused.unsupported(at, "SETOF", "name the type of one value");
        }
        String schema = "";
        if (peek(1).isPunctuation(".")) {
            schema = label("a type");
            take();
            if (!schema.equals("pg_catalog")) {
                throw Refused.unsupported(at, "a type of schema " + schema, "cast to a type that docs/sql.md lists");
            }
        }
        boolean quoted = peek().kind() == Token.Kind.QUOTED || !schema.isEmpty();
        if (!isFunctionName(peek()) && !isTypeKeyword()) {
            throw unexpected("a type");
        }
        String word = take().text();
        TypeName name = quoted ? new TypeName(at, word, modifiers(), "") : keyword(at, word);
        if (peek().isPunctuation("[") || isWord("array")) {
            throw Refused.unsupported(here(), "an array", "use single values");
        }
        return name;
    }

    private TypeName keyword(Position at, String word) {
        return switch (word) {
            case "double" -> {
                expect("precision");
                yield new TypeName(at, "float8", List.of(), "");
            }
            case "float" -> floating(at);
            case "national" -> {
                if (!accept("char")) {
                    expect("character");
                }
                yield character(at);
            }
            case "char", "character", "nchar" -> character(at);
            case "timestamp", "time" -> time(at, word);
            case "interval" -> interval(at);
            default -> new TypeName(at, WORDS.getOrDefault(word, word), modifiers(), "");
        };
    }

    private TypeName floating(Position at) {
        List<Integer> bits = modifiers();
        if (!bits.isEmpty() && (bits.getFirst() < 1 || bits.getFirst() > 53)) {
            throw new Refused(at, "a float of " + bits.getFirst() + " bits", "write real or double precision");
        }
        return new TypeName(at, bits.isEmpty() || bits.getFirst() > 24 ? "float8" : "float4", List.of(), "");
    }

    private TypeName character(Position at) {
        boolean varying = accept("varying");
        List<Integer> length = modifiers();
        return new TypeName(at, varying ? "varchar" : "bpchar", varying || !length.isEmpty() ? length : List.of(1), "");
    }

    private TypeName time(Position at, String word) {
        List<Integer> precision = modifiers();
        boolean zone = accept("with", "time", "zone");
        if (!zone) {
            accept("without", "time", "zone");
        }
        return new TypeName(at, zone ? word + "tz" : word, precision, "");
    }

    private TypeName interval(Position at) {
        List<Integer> precision = modifiers();
        return new TypeName(at, "interval", precision, intervalFields());
    }

    /** As in {@code interval '1' day}; empty if none are named. */
    final String intervalFields() {
        StringBuilder fields = new StringBuilder();
        if (peek().kind() == Token.Kind.WORD && FIELDS.contains(peek().text())) {
            fields.append(take().text());
            if (isWord("to")) {
                take();
                if (peek().kind() != Token.Kind.WORD || !FIELDS.contains(peek().text())) {
                    throw unexpected("a field of an interval");
                }
                fields.append(" to ").append(take().text());
            }
            if (fields.toString().endsWith("second") && peek().isPunctuation("(")) {
                throw Refused.unsupported(here(), "an interval with a precision", "leave the precision out");
            }
        }
        return fields.toString();
    }

    /** {@code (12, 2)}, or nothing. */
    private List<Integer> modifiers() {
        List<Integer> modifiers = new ArrayList<>();
        if (acceptMark("(")) {
            do {
                boolean negative = peek().isOperator("-");
                if (negative) {
                    take();
                }
                if (peek().kind() != Token.Kind.NUMBER || !peek().text().matches("[0-9]{1,9}")) {
                    throw unexpected("a number");
                }
                int number = Integer.parseInt(take().text());
                modifiers.add(negative ? -number : number);
            } while (acceptMark(","));
            expectMark(")");
        }
        return List.copyOf(modifiers);
    }
}
