package io.millrace.views.sql;

import java.util.List;
import java.util.stream.Collectors;

/** An expression as text again, each part in parentheses: what the parser saw, for Postgres to compare. */
final class Parenthesised {
    private Parenthesised() {}

    static String of(Expr expression) {
        return switch (expression) {
            case Expr.Name name ->
                name.parts().stream()
                        .map(part -> '"' + part.replace("\"", "\"\"") + '"')
                        .collect(Collectors.joining("."));
            case Expr.Literal literal ->
                switch (literal.kind()) {
                    case NULL -> "NULL";
                    case BOOLEAN, NUMBER -> "(" + literal.text() + ")";
                    case STRING -> "'" + literal.text().replace("'", "''") + "'";
                };
            case Expr.Cast cast -> "CAST(" + of(cast.operand()) + " AS " + type(cast.type()) + ")";
            case Expr.Collate collate -> "(" + of(collate.operand()) + " COLLATE \"" + collate.collation() + "\")";
            case Expr.Unary unary -> "(" + unary.operator() + " " + of(unary.operand()) + ")";
            case Expr.Binary binary ->
                "(" + of(binary.left()) + " " + binary.operator() + " " + of(binary.right()) + ")";
            case Expr.Logic logic ->
                logic.operands().stream()
                        .map(Parenthesised::of)
                        .collect(Collectors.joining(logic.and() ? " AND " : " OR ", "(", ")"));
            case Expr.Not not -> "(NOT " + of(not.operand()) + ")";
            case Expr.Is is -> "(" + of(is.operand()) + " IS " + not(is.negated()) + is.test() + ")";
            case Expr.IsDistinct is ->
                "(" + of(is.left()) + " IS " + not(is.negated()) + "DISTINCT FROM " + of(is.right()) + ")";
            case Expr.Between between ->
                "(" + of(between.operand()) + " " + not(between.negated()) + "BETWEEN "
                        + (between.symmetric() ? "SYMMETRIC " : "") + of(between.low()) + " AND " + of(between.high())
                        + ")";
            case Expr.InList in -> "(" + of(in.operand()) + " " + not(in.negated()) + "IN (" + list(in.list()) + "))";
            case Expr.Like like ->
                "(" + of(like.operand()) + " " + not(like.negated()) + (like.insensitive() ? "ILIKE " : "LIKE ")
                        + of(like.pattern()) + (like.escape() == null ? "" : " ESCAPE " + of(like.escape())) + ")";
            case Expr.Case choice ->
                "CASE " + (choice.operand() == null ? "" : of(choice.operand()))
                        + choice.whens().stream()
                                .map(when -> " WHEN " + of(when.condition()) + " THEN " + of(when.result()))
                                .collect(Collectors.joining())
                        + (choice.otherwise() == null ? "" : " ELSE " + of(choice.otherwise())) + " END";
            case Expr.Row row -> "ROW(" + list(row.items()) + ")";
            case Expr.Special special -> special.name() + "(" + list(special.arguments()) + ")";
            case Expr.Call call -> call(call);
            case Expr.InQuery query -> throw new IllegalArgumentException(query.toString());
            case Expr.Exists query -> throw new IllegalArgumentException(query.toString());
            case Expr.Value query -> throw new IllegalArgumentException(query.toString());
        };
    }

    /** As Postgres prints them again. */
    private static String call(Expr.Call call) {
        List<String> arguments =
                call.arguments().stream().map(Parenthesised::of).toList();
        return switch (call.name()) {
            case "extract" -> "EXTRACT(" + arguments.get(0).replace("'", "") + " FROM " + arguments.get(1) + ")";
            case "position" -> "POSITION((" + arguments.get(1) + ") IN (" + arguments.get(0) + "))";
            case "substring" ->
                "SUBSTRING(" + arguments.get(0) + " FROM " + arguments.get(1)
                        + (arguments.size() > 2 ? " FOR " + arguments.get(2) : "") + ")";
            case "btrim" -> "TRIM(BOTH " + arguments.get(1) + " FROM " + arguments.get(0) + ")";
            case "timezone" -> "(" + arguments.get(1) + " AT TIME ZONE " + arguments.get(0) + ")";
            default -> "pg_catalog.\"" + call.name() + "\"(" + (call.star() ? "*" : String.join(", ", arguments)) + ")";
        };
    }

    private static String not(boolean negated) {
        return negated ? "NOT " : "";
    }

    private static String list(List<Expr> items) {
        return items.stream().map(Parenthesised::of).collect(Collectors.joining(", "));
    }

    private static String type(TypeName type) {
        return type.name()
                + (type.interval().isEmpty() ? "" : " " + type.interval())
                + (type.modifiers().isEmpty()
                        ? ""
                        : type.modifiers().stream().map(String::valueOf).collect(Collectors.joining(",", "(", ")")));
    }
}
