package io.millrace.gateway.view;

import io.millrace.gateway.http.Problem;
import io.millrace.gateway.view.Relation.Column;
import io.millrace.platform.failure.Suggestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which rows are wanted: {@code column.operator.value}, with Postgres' own meaning of each operator. */
record Filter(Column column, Operator operator, String value) {
    /** What can be asked of a column. */
    enum Operator {
        EQ("="),
        NE("<>"),
        LT("<"),
        LE("<="),
        GT(">"),
        GE(">="),
        IN("IN"),
        LIKE("LIKE"),
        IS("IS");

        private final String sql;

        Operator(String sql) {
            this.sql = sql;
        }

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws Problem if the text is no filter */
    static Filter parse(String text, Columns columns) {
        Column column = columns.beginning(text).orElseThrow(() -> {
            String name = text.contains(".") ? text.substring(0, text.indexOf('.')) : text;
            return new Problem(
                    Problem.Kind.BAD_FILTER,
                    "filter '" + text + "': " + columns.relation() + " has no column '" + name + "'"
                            + Suggestion.of(name, columns.names()),
                    "write column.operator.value, such as amount.ge.100; columns are "
                            + String.join(", ", columns.names()));
        });
        String rest = text.substring(column.name().length() + 1);
        int dot = rest.indexOf('.');
        String word = dot < 0 ? rest : rest.substring(0, dot);
        Operator operator = Arrays.stream(Operator.values())
                .filter(each -> each.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new Problem(
                        Problem.Kind.BAD_FILTER,
                        "filter '" + text + "': there is no operator '" + word + "'",
                        "operators are "
                                + Arrays.stream(Operator.values())
                                        .map(Operator::word)
                                        .collect(Collectors.joining(", "))));
        if (dot < 0) {
            throw new Problem(
                    Problem.Kind.BAD_FILTER,
                    "filter '" + text + "' has no value",
                    "write column.operator.value, such as amount.ge.100");
        }
        String value = rest.substring(dot + 1);
        if (operator == Operator.IS && !value.equals("null") && !value.equals("not_null")) {
            throw new Problem(
                    Problem.Kind.BAD_FILTER,
                    "filter '" + text + "': 'is' asks for null",
                    "write " + column.name() + ".is.null or " + column.name() + ".is.not_null");
        }
        return new Filter(column, operator, value);
    }

    Condition condition() {
        String name = "t." + column.quoted();
        String parameter = "?::text::" + column.baseType();
        return switch (operator) {
            case EQ, NE, LT, LE, GT, GE -> new Condition(name + " " + operator.sql + " " + parameter, List.of(value));
            case LIKE -> new Condition(name + "::text LIKE ?::text", List.of(value));
            case IS -> new Condition(name + (value.equals("null") ? " IS NULL" : " IS NOT NULL"), List.of());
            case IN -> {
                List<String> values = values();
                yield new Condition(
                        values.stream().map(each -> parameter).collect(Collectors.joining(", ", name + " IN (", ")")),
                        new ArrayList<>(values));
            }
        };
    }

    private List<String> values() {
        try {
            return Values.parse(value);
        } catch (IllegalArgumentException wrong) {
            throw new Problem(
                    Problem.Kind.BAD_FILTER,
                    "filter '" + this + "': " + wrong.getMessage(),
                    "put quotes around a whole value, and double those inside: \"a, \"\"b\"\"\",c");
        }
    }

    /** As it was written. */
    @Override
    public String toString() {
        return column.name() + "." + operator.word() + "." + value;
    }
}
