package io.millrace.views.analysis;

import io.millrace.views.sql.Expr;

/** The name that Postgres gives to a column which has none in the query. */
final class Naming {
    private Naming() {}

    /** Empty where Postgres writes {@code ?column?}. */
    static String of(Expr expression) {
        return switch (expression) {
            case Expr.Name name -> name.parts().getLast();
            case Expr.Call call -> call.name();
            case Expr.Special special -> special.name();
            case Expr.Collate collate -> of(collate.operand());
            case Expr.Cast cast -> {
                String operand = of(cast.operand());
                yield operand.isEmpty() || cast.operand() instanceof Expr.Cast || cast.operand() instanceof Expr.Case
                        ? cast.type().name()
                        : operand;
            }
            case Expr.Case choice -> {
                String otherwise = choice.otherwise() == null ? "" : of(choice.otherwise());
                yield otherwise.isEmpty()
                                || choice.otherwise() instanceof Expr.Cast
                                || choice.otherwise() instanceof Expr.Case
                        ? "case"
                        : otherwise;
            }
            case Expr.Exists ignored -> "exists";
            case Expr.Row ignored -> "row";
            default -> "";
        };
    }
}
