package io.millrace.views.planner;

import io.millrace.catalog.Problem;
import io.millrace.catalog.ViewFile;
import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.views.analysis.Queries;
import io.millrace.views.analysis.RelTypes;
import io.millrace.views.plan.Node;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Position;
import io.millrace.views.sql.Query;
import io.millrace.views.sql.QueryParser;
import io.millrace.views.sql.Refused;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgram;
import org.apache.calcite.rex.RexBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Plans views over a set of relations. */
public final class ViewPlanner {
    private static final Logger LOG = LoggerFactory.getLogger(ViewPlanner.class);
    /**
     * Part of each view's generation. To be raised when the engine computes other results for the same text: views are then built
     * again.
     */
    private static final int SEMANTICS = 3;

    private final Collection<RelationSchema> relations = new ArrayList<>();
    private final boolean manyLanes;
    private final String laneColumn;

    /** @param lanes of the source: with more than one, rows of different lanes must not meet */
    public ViewPlanner(Collection<RelationSchema> relations, int lanes) {
        this.manyLanes = lanes > 1;
        this.laneColumn = relations.stream()
                .map(RelationSchema::laneColumn)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("");
        this.relations.add(Clock.RELATION);
        this.relations.add(SourceTransactions.relation(relations));
        relations.stream()
                .filter(relation -> !relation.name().equals(Clock.TABLE))
                .forEach(this.relations::add);
    }

    /** What came of a view file: a plan, or what is wrong. */
    public sealed interface Result {
        record Planned(ViewPlan plan) implements Result {}

        record Refused(Problem problem) implements Result {}
    }

    public Result plan(ViewFile file) {
        try {
            return new Result.Planned(planned(file));
        } catch (Refused refused) {
            Position at = refused.position();
            return new Result.Refused(new Problem(
                    file.file(), at.line(), at.column(), String.valueOf(refused.getMessage()), refused.remedy()));
        } catch (RuntimeException unexpected) {
            LOG.error("{} cannot be planned", file.file(), unexpected);
            return new Result.Refused(new Problem(
                    file.file(),
                    0,
                    0,
                    "the query cannot be planned, which is a defect of Millrace: " + unexpected,
                    "report it with the query, and write it in another way meanwhile; the others are planned"));
        } catch (StackOverflowError deep) {
            return new Result.Refused(new Problem(
                    file.file(),
                    0,
                    0,
                    "the query is nested too deeply",
                    "take it apart into several views or WITH queries"));
        }
    }

    private ViewPlan planned(ViewFile file) {
        String sql = QueryParser.withoutSemicolon(file.sql());
        Query query = QueryParser.parse(sql);
        RelOptCluster cluster =
                RelOptCluster.create(new HepPlanner(HepProgram.builder().build()), new RexBuilder(new RelTypes()));
        Queries.Output output = Queries.analyse(query, relations, cluster);
        requireColumns(output);
        try {
            PlanBuilder.Planned planned = new PlanBuilder(manyLanes).build(Optimiser.optimise(output.rel(), cluster));
            return view(file, sql, planned, output);
        } catch (Unsupported unsupported) {
            throw new Refused(
                    new Places(laneColumn).find(unsupported, query),
                    String.valueOf(unsupported.getMessage()),
                    unsupported.remedy());
        }
    }

    private static void requireColumns(Queries.Output output) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < output.names().size(); i++) {
            String name = output.names().get(i);
            Position at = output.places().get(i);
            if (name.isEmpty()) {
                throw Refused.unsupported(
                        at, "a column without a name of its own (number " + (i + 1) + ")", "name it: … AS name");
            }
            if (!names.add(name)) {
                throw Refused.unsupported(at, "a second column " + name, "give one another name: … AS name");
            }
            ValueType type =
                    RelTypes.of(output.rel().getRowType().getFieldList().get(i).getType());
            if (!type.isInViews() || type.name().equals("bpchar") && type.precision() < 0) {
                throw Refused.unsupported(
                        at,
                        "column " + name + " of type " + type,
                        type.hasOwnCollation()
                                ? "select it by its bytes: … COLLATE \"C\" AS " + name
                                : type.is("interval")
                                        ? "select a number, as extract(epoch FROM …), or a text: …::text AS " + name
                                        : "cast it to text: …::text AS " + name);
            }
        }
    }

    private ViewPlan view(ViewFile file, String sql, PlanBuilder.Planned planned, Queries.Output output) {
        List<String> named = output.names();
        Lineage lineage = new Lineage(output.rel());
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < named.size(); i++) {
            Column type = planned.node().columns().get(i);
            String name = named.get(i);
            columns.add(new Column(
                    name,
                    type.type(),
                    type.nullable(),
                    Objects.requireNonNullElse(file.columnDescriptions().get(name), lineage.describe(i))));
        }
        for (String described : file.columnDescriptions().keySet()) {
            if (!named.contains(described)) {
                throw header(
                        file,
                        "column " + described,
                        "a description of column " + described + ", which the view does not have,");
            }
        }
        List<Integer> key = key(file, planned, columns);
        List<Column> plain =
                columns.stream().map(ViewPlanner::withoutDescription).toList();
        String generation = digest(SEMANTICS + sql + plain + key);
        return new ViewPlan(
                file.name(),
                renamed(planned.node(), plain),
                columns,
                key,
                planned.properties().keys().stream().anyMatch(key::containsAll),
                sql,
                file.description(),
                generation);
    }

    private static Refused header(ViewFile file, String line, String construct) {
        return header(file, line, construct, "correct the name in the header");
    }

    private static Refused header(ViewFile file, String line, String construct, String remedy) {
        List<String> lines = file.sql().lines().toList();
        int number = 0;
        while (number < lines.size()
                && !lines.get(number).replaceFirst("^--\\s*", "").startsWith(line)) {
            number++;
        }
        return Refused.unsupported(new Position(number + 1, 1), construct, remedy);
    }

    private static Column withoutDescription(Column column) {
        return new Column(column.name(), column.type(), column.nullable(), "");
    }

    private static Node renamed(Node node, List<Column> columns) {
        if (node.columns().stream()
                .map(ViewPlanner::withoutDescription)
                .toList()
                .equals(columns)) {
            return node;
        }
        List<io.millrace.views.plan.Expression> same = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            int index = i;
            same.add(row -> row[index]);
        }
        return new Node.Project(node, same, columns, "rename " + columns + " of (" + node.digest() + ")");
    }

    private List<Integer> key(ViewFile file, PlanBuilder.Planned planned, List<Column> columns) {
        if (!file.declaredKey().isEmpty()) {
            List<Integer> declared = new ArrayList<>();
            for (String name : file.declaredKey()) {
                int index = columns.stream().map(Column::name).toList().indexOf(name);
                if (index < 0) {
                    throw header(file, "key:", "key column " + name + ", which the view does not have,");
                }
                declared.add(index);
            }
            requireLane(file, planned, declared);
            return declared;
        }
        return planned.properties().keys().stream()
                .min(java.util.Comparator.comparingInt(Set::size))
                // Of a view with one row any column is a key.
                .map(key -> key.isEmpty() ? List.of(0) : List.copyOf(key))
                .orElseThrow(() -> new Unsupported(
                        "a view without a unique key",
                        "select the key columns too, or declare the key: -- key: a, b",
                        Places.Of.SELECT));
    }

    /** Rows of different lanes that have one key would overwrite each other: no lane sees the other's. */
    private void requireLane(ViewFile file, PlanBuilder.Planned planned, List<Integer> declared) {
        Properties properties = planned.properties();
        boolean apart = properties.broadcast() || declared.stream().anyMatch(properties.laneColumns()::contains);
        if (manyLanes && !apart) {
            throw header(
                    file,
                    "key:",
                    "a key without the lane column " + laneColumn + ", with more than one lane,",
                    "add " + laneColumn + " to the key, and select it");
        }
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
