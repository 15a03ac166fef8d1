package io.millrace.views.planner;

import io.millrace.views.plan.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is known of a node's rows.
 *
 * @param keys sets of columns that are unique
 * @param laneColumns columns that equal the lane column of every row that took part
 * @param broadcast whether every lane has all the rows
 */
record Properties(List<Set<Integer>> keys, Set<Integer> laneColumns, boolean broadcast) {

    /** @param moved position of each input column in the output; -1 if it is not there */
    Properties project(int[] moved) {
        List<Set<Integer>> kept = new ArrayList<>();
        for (Set<Integer> key : keys) {
            if (key.stream().allMatch(column -> moved[column] >= 0)) {
                kept.add(move(key, moved));
            }
        }
        return new Properties(kept, move(laneColumns, moved), broadcast);
    }

    private static Set<Integer> move(Set<Integer> columns, int[] moved) {
        Set<Integer> result = new TreeSet<>();
        for (int column : columns) {
            if (moved[column] >= 0) {
                result.add(moved[column]);
            }
        }
        return result;
    }

    private static Set<Integer> shift(Set<Integer> columns, int by) {
        Set<Integer> shifted = new TreeSet<>();
        columns.forEach(column -> shifted.add(column + by));
        return shifted;
    }

    /** @throws Unsupported if rows of different lanes could meet */
    static Properties join(
            Node.JoinKind kind,
            Properties left,
            Properties right,
            int leftWidth,
            List<Integer> leftKeys,
            List<Integer> rightKeys,
            boolean manyLanes) {
        boolean laneEquated = false;
        for (int i = 0; i < leftKeys.size(); i++) {
            laneEquated |= left.laneColumns.contains(leftKeys.get(i)) && right.laneColumns.contains(rightKeys.get(i));
        }
        boolean oneSided = right.broadcast || (left.broadcast && kind == Node.JoinKind.INNER);
        if (manyLanes && !laneEquated && !oneSided) {
            throw new Unsupported(
                    "a join that does not equate the lane columns, with more than one lane,",
                    "add the lane column to the join's condition, mark one table broadcast, or run the source on one lane",
                    Places.Of.JOIN);
        }
        if (!kind.joins()) {
            return new Properties(left.keys, left.laneColumns, left.broadcast && right.broadcast);
        }
        List<Set<Integer>> keys = new ArrayList<>();
        if (unique(right, rightKeys)) {
            keys.addAll(left.keys);
        }
        if (kind == Node.JoinKind.INNER && unique(left, leftKeys)) {
            right.keys.forEach(key -> keys.add(shift(key, leftWidth)));
        }
        if (keys.isEmpty()) {
            for (Set<Integer> a : left.keys) {
                for (Set<Integer> b : right.keys) {
                    Set<Integer> both = new TreeSet<>(a);
                    both.addAll(shift(b, leftWidth));
                    keys.add(both);
                }
            }
        }
        Set<Integer> lanes = new TreeSet<>(left.laneColumns);
        if (kind == Node.JoinKind.INNER) {
            lanes.addAll(shift(right.laneColumns, leftWidth));
        }
        return new Properties(keys, lanes, left.broadcast && right.broadcast);
    }

    private static boolean unique(Properties side, List<Integer> joinKeys) {
        return side.keys.stream().anyMatch(joinKeys::containsAll);
    }

    /** @throws Unsupported if a group could have rows of several lanes */
    static Properties aggregate(Properties input, List<Integer> groupBy, boolean manyLanes) {
        Set<Integer> group = new TreeSet<>();
        Set<Integer> lanes = new TreeSet<>();
        for (int i = 0; i < groupBy.size(); i++) {
            group.add(i);
            if (input.laneColumns.contains(groupBy.get(i))) {
                lanes.add(i);
            }
        }
        if (manyLanes && !input.broadcast && lanes.isEmpty()) {
            throw new Unsupported(
                    "a group without the lane column, with more than one lane,",
                    "group by the lane column too and add up in a report on top, or run the source on one lane",
                    Places.Of.GROUP);
        }
        return new Properties(List.of(group), lanes, input.broadcast);
    }

    static Properties union(List<Properties> inputs) {
        Set<Integer> lanes = new TreeSet<>(inputs.getFirst().laneColumns);
        inputs.forEach(input -> lanes.retainAll(input.laneColumns));
        return new Properties(List.of(), lanes, inputs.stream().allMatch(Properties::broadcast));
    }
}
