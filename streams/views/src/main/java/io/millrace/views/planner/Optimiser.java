package io.millrace.views.planner;

import java.util.List;
import java.util.stream.Stream;
import org.apache.calcite.plan.Contexts;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.RelOptRule;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgram;
import org.apache.calcite.plan.hep.HepProgramBuilder;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.rules.CoreRules;
import org.apache.calcite.sql2rel.RelFieldTrimmer;
import org.apache.calcite.tools.RelBuilder;
import org.apache.calcite.tools.RelBuilderFactory;

/** Moves conditions to where they leave out rows early, and leaves out columns that nothing wants. Changes no expression. */
final class Optimiser {
    private static final RelBuilderFactory BUILDERS = RelBuilder.proto(
            Contexts.of(RelBuilder.Config.DEFAULT.withSimplify(false).withSimplifyValues(false)));
    private static final List<RelOptRule> PUSH = Stream.of(
                    CoreRules.FILTER_INTO_JOIN,
                    CoreRules.JOIN_CONDITION_PUSH,
                    CoreRules.FILTER_PROJECT_TRANSPOSE,
                    CoreRules.FILTER_AGGREGATE_TRANSPOSE,
                    CoreRules.FILTER_SET_OP_TRANSPOSE,
                    CoreRules.FILTER_MERGE,
                    CoreRules.PROJECT_MERGE,
                    CoreRules.PROJECT_REMOVE,
                    CoreRules.JOIN_PUSH_EXPRESSIONS,
                    CoreRules.UNION_MERGE)
            .map(Optimiser::withoutSimplification)
            .toList();
    private static final List<RelOptRule> TIDY = Stream.of(
                    CoreRules.PROJECT_MERGE, CoreRules.PROJECT_REMOVE, CoreRules.FILTER_MERGE, CoreRules.UNION_MERGE)
            .map(Optimiser::withoutSimplification)
            .toList();

    private Optimiser() {}

    private static RelOptRule withoutSimplification(RelOptRule rule) {
        return ((org.apache.calcite.plan.RelRule<?>) rule)
                .config
                .withRelBuilderFactory(BUILDERS)
                .toRule();
    }

    static RelNode optimise(RelNode root, RelOptCluster cluster) {
        RelNode pushed = apply(root, PUSH);
        RelNode trimmed = new RelFieldTrimmer(null, BUILDERS.create(cluster, null)).trim(pushed);
        return apply(trimmed, TIDY);
    }

    private static RelNode apply(RelNode root, List<RelOptRule> rules) {
        HepProgramBuilder program = HepProgram.builder();
        program.addRuleCollection(rules);
        HepPlanner planner = new HepPlanner(program.build());
        planner.setRoot(root);
        return planner.findBestExp();
    }
}
