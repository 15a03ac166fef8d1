package io.millrace.views.analysis;

import io.millrace.views.sql.Expr;
import io.millrace.views.sql.Position;
import io.millrace.views.sql.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.calcite.rel.core.CorrelationId;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.jspecify.annotations.Nullable;

/**
 * The columns that expressions can name: those of a query's own relation, and those of the query around it.
 *
 * @param id by which queries within name this one's columns
 */
record Scope(Relation relation, CorrelationId id, @Nullable Scope outer) {

    private static final Set<String> SYSTEM_COLUMNS = Set.of("tableoid", "ctid", "xmin", "xmax", "cmin", "cmax");

    /** Of the query's own relation only. */
    @Nullable RexNode local(Expr.Name name) {
        List<Relation.Field> found =
                name.parts().size() == 1 ? relation.named(name.parts().getFirst()) : qualified(name);
        if (found.size() > 1) {
            throw new Refused(
                    name.at(),
                    "column " + String.join(".", name.parts()) + " is ambiguous",
                    "name its table: " + owners(name.parts().getLast()));
        }
        return found.isEmpty() ? null : found.getFirst().node(name.at());
    }

    private String owners(String column) {
        List<String> owners = new ArrayList<>();
        for (Relation.Table table : relation.tables()) {
            if (table.fields().stream().anyMatch(field -> field.name().equals(column))) {
                owners.add(table.name() + "." + column);
            }
        }
        return String.join(" or ", owners);
    }

    private List<Relation.Field> qualified(Expr.Name name) {
        List<String> parts = name.parts();
        if (parts.size() > 3) {
            throw new Refused(name.at(), "a name of " + parts.size() + " parts", "write table.column");
        }
        String column = parts.getLast();
        String table = parts.get(parts.size() - 2);
        List<Relation.Table> tables = relation.tables().stream()
                .filter(one -> one.name().equals(table)
                        && (parts.size() == 2 || parts.getFirst().equals(one.schema())))
                .toList();
        if (tables.isEmpty()) {
            return List.of();
        }
        List<Relation.Field> fields = tables.getFirst().fields().stream()
                .filter(field -> field.name().equals(column))
                .toList();
        if (fields.isEmpty()) {
            throw new Refused(
                    name.at(),
                    "column " + table + "." + column + " does not exist",
                    like(column, tables.getFirst().fields()));
        }
        return fields;
    }

    /** @throws Refused if there is none */
    RexNode column(Expr.Name name, RexBuilder builder) {
        RexNode local = local(name);
        if (local != null) {
            return local;
        }
        RexNode around = outer == null ? null : outer.local(name);
        if (around != null && outer != null) {
            return fromWithin(around, outer, builder);
        }
        for (Scope further = outer == null ? null : outer.outer(); further != null; further = further.outer()) {
            if (further.local(name) != null) {
                throw Refused.unsupported(
                        name.at(),
                        "column " + String.join(".", name.parts()) + " of the query two levels out",
                        "join the tables in one subquery");
            }
        }
        throw unknown(name);
    }

    private static RexNode fromWithin(RexNode field, Scope of, RexBuilder builder) {
        return field.accept(new RexShuttle() {
            @Override
            public RexNode visitInputRef(RexInputRef reference) {
                return builder.makeFieldAccess(
                        builder.makeCorrel(of.relation.rel().getRowType(), of.id), reference.getIndex());
            }
        });
    }

    private Refused unknown(Expr.Name name) {
        String shown = String.join(".", name.parts());
        if (name.parts().size() > 1) {
            return new Refused(
                    name.at(),
                    "there is no table " + name.parts().get(name.parts().size() - 2) + " in FROM, for " + shown,
                    "select from it, or name one of " + tableNames());
        }
        if (relation.tables().stream().anyMatch(table -> table.name().equals(shown))) {
            return Refused.unsupported(name.at(), "a row as a value (" + shown + ")", "name its columns");
        }
        if (SYSTEM_COLUMNS.contains(shown)) {
            return Refused.unsupported(name.at(), "the system column " + shown, "select columns of the table");
        }
        return new Refused(name.at(), "column " + shown + " does not exist", like(shown, relation.visible()));
    }

    private String tableNames() {
        return String.join(
                ", ", relation.tables().stream().map(Relation.Table::name).toList());
    }

    /** Those that are there, the ones that look alike first. */
    private static String like(String wanted, List<Relation.Field> fields) {
        List<String> alike = fields.stream()
                .filter(field -> field.captured() != null)
                .map(Relation.Field::name)
                .filter(name -> name.contains(wanted) || wanted.contains(name) || sameLetters(name, wanted))
                .distinct()
                .toList();
        List<String> shown = alike.isEmpty()
                ? List.copyOf(
                        new TreeSet<>(fields.stream().map(Relation.Field::name).toList()))
                : alike;
        return "correct the name; there is " + String.join(", ", shown);
    }

    private static boolean sameLetters(String name, String wanted) {
        long common = wanted.chars().filter(letter -> name.indexOf(letter) >= 0).count();
        return name.charAt(0) == wanted.charAt(0)
                && Math.abs(name.length() - wanted.length()) <= 2
                && common >= wanted.length() - 1;
    }

    /** Two tables of one name could not be told apart. */
    static void requireDistinct(List<Relation.Table> tables, Position at) {
        for (int i = 0; i < tables.size(); i++) {
            for (int j = 0; j < i; j++) {
                Relation.Table one = tables.get(i);
                Relation.Table other = tables.get(j);
                if (!one.name().isEmpty()
                        && one.name().equals(other.name())
                        && (one.schema() == null
                                || other.schema() == null
                                || one.schema().equals(other.schema()))) {
                    throw new Refused(at, "table name " + one.name() + " is given more than once", "give one an alias");
                }
            }
        }
    }
}
