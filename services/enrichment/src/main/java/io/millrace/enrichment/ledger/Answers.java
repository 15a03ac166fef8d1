package io.millrace.enrichment.ledger;

import io.millrace.enrichment.recipe.OutputField;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.schemas.row.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** For analysts: a SQL view a recipe, with the subject's key and the fields of the answer as columns, to join with. */
public final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private final Jdbi jdbi;

    Answers(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Of a recipe about alerts. */
    public void showAlerts(Recipe recipe) {
        show(recipe, "subject::uuid AS alert");
    }

    /** @param key columns of the key of the recipe's view */
    public void show(Recipe recipe, List<Column> key) {
        List<String> columns = new ArrayList<>();
        for (Column column : key) {
            columns.add("(input ->> " + literal(column.name()) + ")::"
                    + column.type().name() + " AS " + quoted(column.name()));
        }
        show(recipe, String.join(", ", columns));
    }

    private void show(Recipe recipe, String key) {
        String name = "analytics." + quoted("enrichment_" + recipe.name().replace('-', '_'));
        List<String> fields = new ArrayList<>();
        for (OutputField field : recipe.output()) {
            fields.add("fields ->> " + literal(field.name()) + " AS " + quoted(field.name()));
        }
        String sql = "SELECT " + key + ", state, " + String.join(", ", fields)
                + ", model, cost, cached, detail, changed_at FROM enrichment.question WHERE recipe = "
                + literal(recipe.name());
        try {
            jdbi.useTransaction(handle -> {
                create(handle, name, sql, recipe.description());
                recipe.output()
                        .forEach(field -> handle.execute("COMMENT ON COLUMN " + name + "." + quoted(field.name())
                                + " IS " + literal(field.description())));
                describe(handle, name);
            });
        } catch (JdbiException failed) {
            // The answers are in analytics.enrichment all the same.
            LOG.warn("enrichment: the view {} cannot be made: {}", name, failed.getMessage());
        }
    }

    /** Made again only if it is another one: what others built on it would be in the way. */
    private static void create(Handle handle, String name, String sql, String description) {
        handle.execute("SELECT pg_advisory_xact_lock(hashtext('millrace.analytics'))");
        String comment = description + " (" + Integer.toHexString(sql.hashCode()) + ")";
        boolean same = handle.createQuery("SELECT obj_description(to_regclass(:name), 'pg_class')")
                .bind("name", name)
                .mapTo(String.class)
                .findOne()
                .filter(known -> Objects.equals(known, comment))
                .isPresent();
        if (!same) {
            handle.execute("DROP VIEW IF EXISTS " + name);
            handle.execute("CREATE VIEW " + name + " AS " + sql);
            handle.execute("COMMENT ON VIEW " + name + " IS " + literal(comment));
            boolean analyst = handle.createQuery("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'analyst')")
                    .mapTo(Boolean.class)
                    .one();
            if (analyst) {
                handle.execute("GRANT SELECT ON " + name + " TO analyst");
            }
        }
    }

    /** As analytics.enrichment is, where that has the column; others are the subject's key. */
    private static void describe(Handle handle, String name) {
        List<String> comments = handle.createQuery(
                        "SELECT format('COMMENT ON COLUMN %s.%I IS %L', a.attrelid::regclass, a.attname,"
                                + " coalesce(col_description(e.attrelid, e.attnum), 'of the row that the answer is about'))"
                                + " FROM pg_attribute a LEFT JOIN pg_attribute e"
                                + " ON e.attrelid = 'analytics.enrichment'::regclass AND e.attname = a.attname"
                                + " WHERE a.attrelid = to_regclass(:name) AND a.attnum > 0 AND NOT a.attisdropped"
                                + " AND col_description(a.attrelid, a.attnum) IS NULL")
                .bind("name", name)
                .mapTo(String.class)
                .list();
        comments.forEach(handle::execute);
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }
}
