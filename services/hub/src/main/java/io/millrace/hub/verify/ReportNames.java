package io.millrace.hub.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.parser.ASTNodeAccess;
import net.sf.jsqlparser.parser.Node;
import net.sf.jsqlparser.parser.Token;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.ParenthesedFromItem;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.TableFunction;
import net.sf.jsqlparser.statement.select.WithItem;
import net.sf.jsqlparser.util.TablesNamesFinder;
import org.jspecify.annotations.Nullable;

/** The names that a query has: which relations it reads, which columns, and what it names itself. As Postgres folds them. */
final class ReportNames extends TablesNamesFinder<Void> {
    /** Relations by the name that stands for them in the query. */
    final Map<String, Set<String>> relations = new HashMap<>();

    final List<Place> tables = new ArrayList<>();
    final List<Place> columns = new ArrayList<>();

    /** Aliases of columns and of relations, and columns of relations that the query makes. */
    final Set<String> own = new HashSet<>();

    /** Of WITH. */
    final Set<String> with = new HashSet<>();

    /** Whether it reads something whose columns its text does not tell. */
    boolean open;

    private final Set<Place> seen = new HashSet<>();

    /** @param qualifier schema of a relation, or what a column's relation is called; empty if there is none */
    record Place(String qualifier, String name, int line, int column) {}

    static ReportNames of(Statement query) {
        ReportNames names = new ReportNames();
        names.getTables(query);
        return names;
    }

    @Override
    public <S> Void visit(Table table, S context) {
        String name = fold(table.getName());
        Place place = place(table, fold(table.getSchemaName()), name);
        if (seen.add(place)) {
            tables.add(place);
            String alias =
                    table.getAlias() == null ? name : fold(table.getAlias().getName());
            relations.computeIfAbsent(alias, fresh -> new HashSet<>()).add(name);
            own.add(alias);
        }
        return super.visit(table, context);
    }

    @Override
    public <S> Void visit(Column column, S context) {
        Table of = column.getTable();
        Place place = place(column, of == null ? "" : fold(of.getName()), fold(column.getColumnName()));
        if (seen.add(place)) {
            columns.add(place);
        }
        return super.visit(column, context);
    }

    @Override
    public <S> Void visit(SelectItem<?> item, S context) {
        named(item.getAlias());
        return super.visit(item, context);
    }

    @Override
    public <S> Void visit(PlainSelect select, S context) {
        from(select.getFromItem(), select.getJoins());
        return super.visit(select, context);
    }

    @Override
    public <S> Void visit(ParenthesedFromItem from, S context) {
        from(from.getFromItem(), from.getJoins());
        return super.visit(from, context);
    }

    @Override
    public <S> Void visit(TableFunction function, S context) {
        open = true;
        return super.visit(function, context);
    }

    @Override
    public <S> Void visit(WithItem<?> item, S context) {
        with.add(fold(item.getAliasName()));
        if (item.getWithItemList() != null) {
            item.getWithItemList().forEach(column -> own.add(fold(column.toString())));
        }
        return super.visit(item, context);
    }

    private void from(@Nullable FromItem first, @Nullable List<Join> joins) {
        if (first != null) {
            named(first.getAlias());
        }
        if (joins != null) {
            joins.forEach(join -> named(join.getFromItem().getAlias()));
        }
    }

    private void named(Alias alias) {
        if (alias == null) {
            return;
        }
        own.add(fold(alias.getName()));
        if (alias.getAliasColumns() != null) {
            alias.getAliasColumns().forEach(column -> own.add(fold(column.name)));
        }
    }

    private static Place place(ASTNodeAccess of, String qualifier, String name) {
        Node node = of.getASTNode();
        Token first = node == null ? null : node.jjtGetFirstToken();
        return new Place(qualifier, name, first == null ? 0 : first.beginLine, first == null ? 0 : first.beginColumn);
    }

    private static String fold(String name) {
        if (name == null) {
            return "";
        }
        return name.startsWith("\"")
                ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
                : name.toLowerCase(Locale.ROOT);
    }
}
