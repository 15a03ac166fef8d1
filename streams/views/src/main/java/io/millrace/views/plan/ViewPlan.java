package io.millrace.views.plan;

import io.millrace.schemas.ViewName;
import io.millrace.schemas.row.Column;
import java.util.List;

/**
 * A view, ready to be maintained.
 *
 * @param columns the root's, with their descriptions
 * @param key positions of the unique key's columns among them
 * @param keyProven whether the plan shows that the key is unique; a declared key that it does not show is watched
 * @param generation fingerprint of what the view is: a view whose generation is unchanged keeps its state
 */
public record ViewPlan(
        ViewName name,
        Node root,
        List<Column> columns,
        List<Integer> key,
        boolean keyProven,
        String sql,
        String description,
        String generation) {}
