package io.millrace.views.engine;

import io.millrace.schemas.TableName;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.UnreadableRow;
import io.millrace.views.plan.Node;
import io.millrace.views.plan.ViewPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The plans of all views as one graph, in which equal parts are there once. Not thread-safe. */
public final class Dataflow {
    /** In topological order: inputs before what they feed. */
    private final Map<String, Vertex> vertices = new LinkedHashMap<>();

    private final Map<TableName, List<Scan>> scans = new LinkedHashMap<>();
    private final Map<TableName, List<Column>> columns = new HashMap<>();
    private final List<Sink> sinks = new ArrayList<>();
    private final Map<String, Delta> tableDeltas = new HashMap<>();

    private record Vertex(String id, String digest, Operator operator, List<String> inputs) {}

    private record Scan(String digest, int[] columns, Failures failures) {}

    private record Sink(ViewRoot root, String digest) {}

    public Dataflow(List<ViewPlan> views) {
        for (ViewPlan view : views) {
            collectColumns(view.root());
        }
        for (ViewPlan view : views) {
            Set<Failures> failures = new LinkedHashSet<>();
            add(view.root(), failures);
            sinks.add(new Sink(
                    new ViewRoot(view, List.copyOf(failures)), view.root().digest()));
        }
    }

    /** The tables that views read, each with the columns that they want of it. */
    public Map<TableName, List<Column>> tables() {
        return columns;
    }

    private void collectColumns(Node node) {
        switch (node) {
            case Node.Scan scan -> {
                List<Column> wanted = columns.computeIfAbsent(scan.relation().name(), unseen -> new ArrayList<>());
                for (Column column : scan.columns()) {
                    if (indexOf(wanted, column) < 0) {
                        RelationSchema of = scan.relation();
                        wanted.add(of.columns().get(of.indexOf(column.name())));
                    }
                }
            }
            case Node.Filter filter -> collectColumns(filter.input());
            case Node.Project project -> collectColumns(project.input());
            case Node.Aggregate aggregate -> collectColumns(aggregate.input());
            case Node.Join join -> {
                collectColumns(join.left());
                collectColumns(join.right());
            }
            case Node.UnionAll union -> union.inputs().forEach(this::collectColumns);
        }
    }

    private final Map<String, Failures> failuresByDigest = new HashMap<>();

    private Failures failures(Node node, Set<Failures> ofView) {
        Failures failures = failuresByDigest.computeIfAbsent(
                node.digest(), unseen -> new Failures(node.getClass().getSimpleName()));
        ofView.add(failures);
        return failures;
    }

    private void add(Node node, Set<Failures> failures) {
        switch (node) {
            case Node.Scan scan -> {
                Failures of = failures(scan, failures);
                if (!scanned(scan.digest())) {
                    List<Column> wanted =
                            Objects.requireNonNull(columns.get(scan.relation().name()));
                    scans.computeIfAbsent(scan.relation().name(), unseen -> new ArrayList<>())
                            .add(new Scan(
                                    scan.digest(),
                                    scan.columns().stream()
                                            .mapToInt(column -> indexOf(wanted, column))
                                            .toArray(),
                                    of));
                }
            }
            case Node.Filter filter -> {
                add(filter.input(), failures);
                Failures of = failures(filter, failures);
                put(filter, () -> new FilterOperator(filter.condition(), of), filter.input());
            }
            case Node.Project project -> {
                add(project.input(), failures);
                Failures of = failures(project, failures);
                put(project, () -> new ProjectOperator(project.expressions(), of), project.input());
            }
            case Node.Join join -> {
                add(join.left(), failures);
                add(join.right(), failures);
                Failures of = failures(join, failures);
                put(
                        join,
                        () -> join.kind().joins() ? new JoinOperator(join, of) : new SemiJoinOperator(join, of),
                        join.left(),
                        join.right());
            }
            case Node.Aggregate aggregate -> {
                add(aggregate.input(), failures);
                Failures of = failures(aggregate, failures);
                put(aggregate, () -> new AggregateOperator(aggregate, of), aggregate.input());
            }
            case Node.UnionAll union -> {
                union.inputs().forEach(input -> add(input, failures));
                put(union, UnionOperator::new, union.inputs().toArray(Node[]::new));
            }
        }
    }

    private static int indexOf(List<Column> columns, Column wanted) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(wanted.name())) {
                return i;
            }
        }
        return -1;
    }

    private boolean scanned(String digest) {
        return scans.values().stream().flatMap(List::stream).anyMatch(scan -> scan.digest.equals(digest));
    }

    private void put(Node node, java.util.function.Supplier<Operator> operator, Node... inputs) {
        if (!vertices.containsKey(node.digest())) {
            vertices.put(
                    node.digest(),
                    new Vertex(
                            node.id(),
                            node.digest(),
                            operator.get(),
                            java.util.Arrays.stream(inputs).map(Node::digest).toList()));
        }
    }

    /** Adds a change of a table's row to those that {@link #step} will work on. Rows have the columns that {@link #tables} names. */
    public void change(TableName table, @Nullable Object @Nullable [] before, @Nullable Object @Nullable [] after) {
        for (Scan scan : scans.getOrDefault(table, List.of())) {
            @Nullable Object @Nullable [] old = before == null ? null : Row.pick(before, scan.columns);
            @Nullable Object @Nullable [] now = after == null ? null : Row.pick(after, scan.columns);
            if (old != null && now != null && java.util.Arrays.equals(old, now)) {
                continue;
            }
            Delta delta = tableDeltas.computeIfAbsent(scan.digest, unseen -> new Delta());
            if (old != null) {
                delta.add(old, -1);
            }
            if (now != null) {
                delta.add(now, 1);
            }
        }
    }

    /** Tells of a row that could not be read, and so is in no view; or, by a negative weight, that such a row is gone. */
    public void unreadable(TableName table, UnreadableRow row, int weight) {
        for (Scan scan : scans.getOrDefault(table, List.of())) {
            scan.failures.add(row.row(), weight, row);
        }
    }

    /** What the views are without any row, once, before the first {@link #step}. */
    public List<ViewChanges> initial() {
        Map<String, Delta> outputs = new HashMap<>();
        for (Vertex vertex : vertices.values()) {
            Delta out = new Delta();
            Delta applied = apply(vertex, outputs);
            if (applied != null) {
                out.addAll(applied);
            }
            out.addAll(vertex.operator.initial());
            outputs.put(vertex.digest, out);
        }
        return changes(outputs);
    }

    /** Works on the changes of tables; afterwards there are none. Costs next to nothing for what they do not reach. */
    public List<ViewChanges> step() {
        Map<String, Delta> outputs = new HashMap<>(tableDeltas);
        tableDeltas.clear();
        for (Vertex vertex : vertices.values()) {
            Delta out = apply(vertex, outputs);
            if (out != null && !out.isEmpty()) {
                outputs.put(vertex.digest, out);
            }
        }
        return changes(outputs);
    }

    /** Null where no input has changed. */
    private static @Nullable Delta apply(Vertex vertex, Map<String, Delta> outputs) {
        boolean some = false;
        for (String input : vertex.inputs) {
            Delta delta = outputs.get(input);
            some |= delta != null && !delta.isEmpty();
        }
        if (!some) {
            return null;
        }
        List<Delta> inputs = new ArrayList<>(vertex.inputs.size());
        for (String input : vertex.inputs) {
            Delta delta = outputs.get(input);
            inputs.add(delta == null ? new Delta() : delta);
        }
        return vertex.operator.apply(inputs);
    }

    private List<ViewChanges> changes(Map<String, Delta> outputs) {
        Map<Failures, List<ViewChanges.FailedRow>> failed = new HashMap<>();
        for (Failures failures : failuresByDigest.values()) {
            if (failures.hasChanged()) {
                failed.put(failures, ViewChanges.describe(failures));
            }
        }
        List<ViewChanges> changes = new ArrayList<>();
        for (Sink sink : sinks) {
            Delta delta = outputs.get(sink.digest);
            if (delta != null || !failed.isEmpty()) {
                ViewChanges of = sink.root.consolidate(delta == null ? new Delta() : delta, failed);
                if (!of.isEmpty()) {
                    changes.add(of);
                }
            }
        }
        return changes;
    }

    /** The same by {@link Node#id}; of those that keep any. */
    public Map<String, Long> stateSizes() {
        Map<String, Long> sizes = new HashMap<>();
        for (Vertex vertex : vertices.values()) {
            long size = vertex.operator.stateSize();
            if (size > 0) {
                sizes.put(vertex.id, size);
            }
        }
        return sizes;
    }

    /** Rows and groups that the operators keep in memory. */
    public long stateSize() {
        return vertices.values().stream()
                .mapToLong(vertex -> vertex.operator.stateSize())
                .sum();
    }
}
