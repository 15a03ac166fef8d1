package io.millrace.operations.settings;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What is another in one version than in another, as {@code diff -u} writes it. */
public final class Difference {
    private static final int CONTEXT = 3;

    private Difference() {}

    /** Lines; none if the versions are the same. */
    public static List<String> between(Content before, Content now) {
        TreeSet<String> names = new TreeSet<>(before.texts().keySet());
        names.addAll(now.texts().keySet());
        List<String> lines = new ArrayList<>();
        for (String name : names) {
            String was = before.texts().get(name);
            String is = now.texts().get(name);
            if (was == null || !was.equals(is)) {
                List<String> old = was == null ? List.of() : was.lines().toList();
                List<String> fresh = is == null ? List.of() : is.lines().toList();
                lines.addAll(UnifiedDiffUtils.generateUnifiedDiff(
                        was == null ? "/dev/null" : "a/" + name,
                        is == null ? "/dev/null" : "b/" + name,
                        old,
                        DiffUtils.diff(old, fresh),
                        CONTEXT));
            }
        }
        return lines;
    }
}
