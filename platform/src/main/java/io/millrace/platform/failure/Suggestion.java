package io.millrace.platform.failure;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** What somebody who mistyped a name may have meant. */
public final class Suggestion {
    /** Of a word's letters, at most one in so many is mistyped. */
    private static final int LETTERS_FOR_A_MISTAKE = 3;

    private Suggestion() {}

    /** The name that is nearest to a word, if it is near enough. */
    public static Optional<String> nearest(String word, Collection<String> names) {
        int limit = Math.max(1, word.length() / LETTERS_FOR_A_MISTAKE);
        LevenshteinDistance distance = new LevenshteinDistance(limit);
        String wanted = word.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> distance.apply(wanted, name.toLowerCase(Locale.ROOT)) >= 0)
                .min(Comparator.comparing(name -> distance.apply(wanted, name.toLowerCase(Locale.ROOT))));
    }

    /** {@code ", did you mean 'name'?"}, or nothing. */
    public static String of(String word, Collection<String> names) {
        return nearest(word, names)
                .map(name -> ", did you mean '" + name + "'?")
                .orElse("");
    }
}
