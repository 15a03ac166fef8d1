package io.millrace.views.planner;

import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.views.catalog.Problem;
import io.millrace.views.catalog.ViewFile;
import io.millrace.views.plan.Node;
import io.millrace.views.plan.ViewPlan;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import org.apache.calcite.avatica.util.Casing;
import org.apache.calcite.avatica.util.Quoting;
import org.apache.calcite.config.CalciteConnectionConfigImpl;
import org.apache.calcite.config.CalciteConnectionProperty;
import org.apache.calcite.config.NullCollation;
import org.apache.calcite.jdbc.CalciteSchema;
import org.apache.calcite.plan.Contexts;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.RelOptRule;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgram;
import org.apache.calcite.plan.hep.HepProgramBuilder;
import org.apache.calcite.prepare.CalciteCatalogReader;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelRoot;
import org.apache.calcite.rel.rules.CoreRules;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.runtime.CalciteContextException;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.parser.SqlParseException;
import org.apache.calcite.sql.parser.SqlParser;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.parser.babel.SqlBabelParserImpl;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.validate.SqlConformance;
import org.apache.calcite.sql.validate.SqlConformanceEnum;
import org.apache.calcite.sql.validate.SqlDelegatingConformance;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorUtil;
import org.apache.calcite.sql2rel.RelFieldTrimmer;
import org.apache.calcite.sql2rel.SqlToRelConverter;
import org.apache.calcite.sql2rel.StandardConvertletTable;
import org.apache.calcite.tools.RelBuilder;

/** Plans views over a set of relations. */
public final class ViewPlanner {
    private static final int LONGEST_NAME = 63;
    private static final org.apache.calcite.tools.RelBuilderFactory BUILDERS = RelBuilder.proto(
            Contexts.of(RelBuilder.Config.DEFAULT.withSimplify(false).withSimplifyValues(false)));
    private static final SqlParser.Config PARSER = SqlParser.config()
            .withParserFactory(SqlBabelParserImpl.FACTORY)
            .withQuoting(Quoting.DOUBLE_QUOTE)
            .withUnquotedCasing(Casing.TO_LOWER)
            .withQuotedCasing(Casing.UNCHANGED)
            .withCaseSensitive(true)
            .withIdentifierMaxLength(LONGEST_NAME)
            .withConformance(SqlConformanceEnum.BABEL);

    /** Groups by alias and position as Postgres does, and checks groups strictly. */
    private static final SqlConformance CONFORMANCE = new SqlDelegatingConformance(SqlConformanceEnum.DEFAULT) {
        @Override
        public boolean isGroupByAlias() {
            return true;
        }

        @Override
        public boolean isGroupByOrdinal() {
            return true;
        }

        @Override
        public boolean isPercentRemainderAllowed() {
            return true;
        }

        @Override
        public boolean isBangEqualAllowed() {
            return true;
        }
    };

    private final RelDataTypeFactory types = SqlTypes.factory();
    private final CalciteCatalogReader reader;
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
        CalciteSchema root = CalciteSchema.createRootSchema(false, false);
        root.add(Clock.TABLE.table(), new RelationTable(Clock.RELATION));
        root.add(SourceTransactions.TABLE.table(), new RelationTable(SourceTransactions.relation(relations)));
        relations.forEach(relation -> root.add(relation.name().table(), new RelationTable(relation)));
        addTypeNames(root);
        Properties properties = new Properties();
        properties.setProperty(CalciteConnectionProperty.CASE_SENSITIVE.camelName(), "true");
        this.reader = new CalciteCatalogReader(root, List.of(), types, new CalciteConnectionConfigImpl(properties));
    }

    /** Postgres' names for types, for {@code x::text}. */
    private static void addTypeNames(CalciteSchema root) {
        root.add("text", factory -> factory.createSqlType(SqlTypeName.VARCHAR));
        root.add("int2", factory -> factory.createSqlType(SqlTypeName.SMALLINT));
        root.add("int4", factory -> factory.createSqlType(SqlTypeName.INTEGER));
        root.add("int8", factory -> factory.createSqlType(SqlTypeName.BIGINT));
        root.add("float4", factory -> factory.createSqlType(SqlTypeName.REAL));
        root.add("float8", factory -> factory.createSqlType(SqlTypeName.DOUBLE));
        root.add("bool", factory -> factory.createSqlType(SqlTypeName.BOOLEAN));
        root.add("timestamptz", factory -> factory.createSqlType(SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE, 6));
    }

    /** What came of a view file: a plan, or what is wrong. */
    public sealed interface Result {
        record Planned(ViewPlan plan) implements Result {}

        record Refused(Problem problem) implements Result {}
    }

    public Result plan(ViewFile file) {
        try {
            return new Result.Planned(planned(file));
        } catch (SqlParseException malformed) {
            String message =
                    String.valueOf(malformed.getMessage()).lines().findFirst().orElse("cannot be parsed");
            return refused(file, malformed.getPos(), message, "correct the SQL");
        } catch (CalciteContextException invalid) {
            Throwable cause = invalid.getCause() == null ? invalid : invalid.getCause();
            return refused(
                    file,
                    new SqlParserPos(invalid.getPosLine(), invalid.getPosColumn()),
                    reword(String.valueOf(cause.getMessage())),
                    "correct the name or the types; docs/sql.md lists what views support");
        } catch (Refusals.Refused refused) {
            return refused(file, refused.position(), String.valueOf(refused.getMessage()), refused.remedy());
        } catch (Unsupported unsupported) {
            return refused(file, SqlParserPos.ZERO, String.valueOf(unsupported.getMessage()), unsupported.remedy());
        }
    }

    private static Result refused(ViewFile file, SqlParserPos position, String message, String remedy) {
        return new Result.Refused(
                new Problem(file.file(), position.getLineNum(), position.getColumnNum(), message, remedy));
    }

    private static String reword(String message) {
        return message.replaceFirst("Object '(.*)' not found.*", "there is no captured table '$1'")
                .replaceFirst("No match found for function signature (.*)", "function $1 is not supported in views");
    }

    private ViewPlan planned(ViewFile file) throws SqlParseException {
        SqlNode query = OrderedAggregates.parse(file.sql(), PARSER);
        query.accept(new Refusals());
        SqlValidator validator = SqlValidatorUtil.newValidator(
                SqlOperators.table(),
                reader,
                types,
                SqlValidator.Config.DEFAULT
                        .withConformance(CONFORMANCE)
                        .withTypeCoercionEnabled(true)
                        .withIdentifierExpansion(true)
                        .withColumnReferenceExpansion(true)
                        .withDefaultNullCollation(NullCollation.HIGH));
        SqlNode validated = validator.validate(query);
        validated.accept(new TypeRefusals(validator));
        try {
            return plan(file, validator, validated);
        } catch (Unsupported unsupported) {
            // Parsed anew: validation rewrites what it is given.
            SqlNode written = OrderedAggregates.parse(file.sql(), PARSER);
            throw new Refusals.Refused(new Places(laneColumn).find(unsupported, written), unsupported);
        }
    }

    private ViewPlan plan(ViewFile file, SqlValidator validator, SqlNode validated) {
        RelOptCluster cluster =
                RelOptCluster.create(new HepPlanner(HepProgram.builder().build()), new NumericRexBuilder(types));
        SqlToRelConverter converter = new SqlToRelConverter(
                (type, sql, path, view) -> {
                    throw new IllegalStateException("Calcite's own views are not used");
                },
                validator,
                reader,
                cluster,
                StandardConvertletTable.INSTANCE,
                SqlToRelConverter.config()
                        .withExpand(false)
                        .withTrimUnusedFields(false)
                        .withInSubQueryThreshold(Integer.MAX_VALUE)
                        .withRelBuilderConfigTransform(
                                config -> config.withSimplify(false).withPruneInputOfAggregate(false)));
        RelRoot root = converter.convertQuery(validated, false, true);
        RelNode optimised = optimise(root.project().accept(new SubQueries()), cluster);
        PlanBuilder.Planned planned = new PlanBuilder(types, manyLanes).build(optimised);
        return view(file, planned, root.validatedRowType.getFieldNames());
    }

    private static RelNode optimise(RelNode root, RelOptCluster cluster) {
        RelNode pushed = apply(
                root,
                CoreRules.FILTER_INTO_JOIN
                        .config
                        .withRelBuilderFactory(BUILDERS)
                        .toRule(),
                CoreRules.JOIN_CONDITION_PUSH
                        .config
                        .withRelBuilderFactory(BUILDERS)
                        .toRule(),
                CoreRules.FILTER_PROJECT_TRANSPOSE
                        .config
                        .withRelBuilderFactory(BUILDERS)
                        .toRule(),
                CoreRules.FILTER_AGGREGATE_TRANSPOSE
                        .config
                        .withRelBuilderFactory(BUILDERS)
                        .toRule(),
                CoreRules.FILTER_SET_OP_TRANSPOSE
                        .config
                        .withRelBuilderFactory(BUILDERS)
                        .toRule(),
                CoreRules.FILTER_MERGE.config.withRelBuilderFactory(BUILDERS).toRule(),
                CoreRules.PROJECT_MERGE.config.withRelBuilderFactory(BUILDERS).toRule(),
                CoreRules.PROJECT_REMOVE.config.withRelBuilderFactory(BUILDERS).toRule(),
                CoreRules.JOIN_PUSH_EXPRESSIONS
                        .config
                        .withRelBuilderFactory(BUILDERS)
                        .toRule(),
                CoreRules.UNION_MERGE.config.withRelBuilderFactory(BUILDERS).toRule());
        RelNode trimmed = new RelFieldTrimmer(null, BUILDERS.create(cluster, null)).trim(pushed);
        return apply(
                trimmed,
                CoreRules.PROJECT_MERGE.config.withRelBuilderFactory(BUILDERS).toRule(),
                CoreRules.PROJECT_REMOVE.config.withRelBuilderFactory(BUILDERS).toRule(),
                CoreRules.FILTER_MERGE.config.withRelBuilderFactory(BUILDERS).toRule(),
                CoreRules.UNION_MERGE.config.withRelBuilderFactory(BUILDERS).toRule());
    }

    private static RelNode apply(RelNode root, RelOptRule... rules) {
        HepProgramBuilder program = HepProgram.builder();
        program.addRuleCollection(List.of(rules));
        HepPlanner planner = new HepPlanner(program.build());
        planner.setRoot(root);
        return planner.findBestExp();
    }

    private static ViewPlan view(ViewFile file, PlanBuilder.Planned planned, List<String> named) {
        List<Column> columns = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < named.size(); i++) {
            Column type = planned.node().columns().get(i);
            String name = named.get(i);
            if (!names.add(name) || name.contains("$")) {
                throw new Unsupported(
                        "a column without a name of its own (number " + (i + 1) + ", " + name + ")",
                        "name it: … AS name",
                        Places.Of.SELECT);
            }
            columns.add(new Column(
                    name,
                    type.type(),
                    type.nullable(),
                    Objects.requireNonNullElse(file.columnDescriptions().get(name), "")));
        }
        for (String described : file.columnDescriptions().keySet()) {
            if (!names.contains(described)) {
                throw header(
                        file,
                        "column " + described,
                        "a description of column " + described + ", which the view does not have,");
            }
        }
        List<Integer> key = key(file, planned, columns);
        String generation = digest(file.sql() + columns + key);
        return new ViewPlan(
                file.name(),
                renamed(planned.node(), columns),
                key,
                planned.properties().keys().stream().anyMatch(key::containsAll),
                file.sql(),
                file.description(),
                generation);
    }

    private static Refusals.Refused header(ViewFile file, String line, String construct) {
        List<String> lines = file.sql().lines().toList();
        int number = 0;
        while (number < lines.size()
                && !lines.get(number).replaceFirst("^--\\s*", "").startsWith(line)) {
            number++;
        }
        return new Refusals.Refused(new SqlParserPos(number + 1, 1), construct, "correct the name in the header");
    }

    private static Node renamed(Node node, List<Column> columns) {
        if (node.columns().equals(columns)) {
            return node;
        }
        List<io.millrace.views.plan.Expression> same = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            int index = i;
            same.add(row -> row[index]);
        }
        return new Node.Project(node, same, columns, "rename " + columns + " of (" + node.digest() + ")");
    }

    private static List<Integer> key(ViewFile file, PlanBuilder.Planned planned, List<Column> columns) {
        if (!file.declaredKey().isEmpty()) {
            List<Integer> declared = new ArrayList<>();
            for (String name : file.declaredKey()) {
                int index = columns.stream().map(Column::name).toList().indexOf(name);
                if (index < 0) {
                    throw header(file, "key:", "key column " + name + ", which the view does not have,");
                }
                declared.add(index);
            }
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

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
