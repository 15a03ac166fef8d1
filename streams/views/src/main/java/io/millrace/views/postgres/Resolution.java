package io.millrace.views.postgres;

import io.millrace.views.postgres.Catalogue.Context;
import io.millrace.views.postgres.Catalogue.Signature;
import io.millrace.views.postgres.Catalogue.TypeEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which operator or function Postgres calls, and which type it gives to several expressions: the rules of the chapter "Type
 * Conversion" of its manual. Types are named as in {@code pg_type}; {@link #UNKNOWN} is a literal's that has none yet.
 */
public final class Resolution {
    public static final String UNKNOWN = "unknown";

    private static final char STRING = 'S';
    private static final Set<String> ANY_TYPE = Set.of("any", "anyelement", "anycompatible");
    private static final Set<String> ANY_ARRAY = Set.of("anyarray", "anycompatiblearray");

    private Resolution() {}

    /** What came of looking for a function. */
    public sealed interface Found {
        record One(Signature signature) implements Found {}

        record None() implements Found {}

        /** Postgres can't choose. */
        record Several() implements Found {}
    }

    /** @param arguments one of a prefix operator, else two */
    public static Found operator(String name, List<String> arguments) {
        List<Signature> all = Catalogue.operators(name, arguments.size());
        List<String> exact = arguments;
        if (arguments.size() == 2 && arguments.contains(UNKNOWN)) {
            // The other side's type is tried first for a literal that has none.
            String known = arguments.get(0).equals(UNKNOWN) ? arguments.get(1) : arguments.get(0);
            exact = List.of(known, known);
        }
        return find(all, exact, arguments);
    }

    public static Found function(String name, List<String> arguments) {
        List<Signature> all = Catalogue.functions(name).stream()
                .filter(function -> function.arguments().size() == arguments.size())
                .toList();
        return find(all, arguments, arguments);
    }

    private static Found find(List<Signature> all, List<String> exact, List<String> arguments) {
        for (Signature signature : all) {
            if (signature.arguments().equals(exact) && !exact.contains(UNKNOWN)) {
                return new Found.One(signature);
            }
        }
        List<Signature> possible = all.stream()
                .filter(signature -> canCoerce(arguments, signature.arguments()))
                .toList();
        if (possible.isEmpty()) {
            return new Found.None();
        }
        Signature best = possible.size() == 1 ? possible.getFirst() : best(possible, arguments);
        return best == null ? new Found.Several() : new Found.One(best);
    }

    private static boolean canCoerce(List<String> from, List<String> to) {
        for (int i = 0; i < from.size(); i++) {
            if (!canCoerce(from.get(i), to.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Without a cast being written. */
    public static boolean canCoerce(String from, String to) {
        if (from.equals(to) || from.equals(UNKNOWN) || ANY_TYPE.contains(to)) {
            return true;
        }
        boolean array = Catalogue.type(from).category() == 'A';
        if (ANY_ARRAY.contains(to) || to.equals("anynonarray")) {
            return array == ANY_ARRAY.contains(to);
        }
        return Catalogue.cast(from, to) == Context.IMPLICIT;
    }

    /** Whether {@code CAST(x AS type)} is taken: by a cast of the catalogue's, or by way of text. */
    public static boolean canCast(String from, String to) {
        return from.equals(to)
                || from.equals(UNKNOWN)
                || Catalogue.cast(from, to) != null
                || Catalogue.type(from).category() == STRING
                || Catalogue.type(to).category() == STRING;
    }

    /** Postgres' {@code func_select_candidate}. */
    private static @Nullable Signature best(List<Signature> possible, List<String> arguments) {
        List<Signature> left = most(possible, signature -> count(signature, arguments, false));
        left = most(left, signature -> count(signature, arguments, true));
        if (left.size() == 1) {
            return left.getFirst();
        }
        if (!arguments.contains(UNKNOWN)) {
            return null;
        }
        left = byCategory(left, arguments);
        if (left.size() == 1) {
            return left.getFirst();
        }
        return asAllOneType(left, arguments);
    }

    private static int count(Signature signature, List<String> arguments, boolean orPreferred) {
        int count = 0;
        for (int i = 0; i < arguments.size(); i++) {
            String given = arguments.get(i);
            String wanted = signature.arguments().get(i);
            TypeEntry type = Catalogue.type(wanted);
            boolean preferred =
                    type.preferred() && type.category() == Catalogue.type(given).category();
            if (!given.equals(UNKNOWN) && (wanted.equals(given) || orPreferred && preferred)) {
                count++;
            }
        }
        return count;
    }

    private static List<Signature> most(List<Signature> from, ToIntFunction<Signature> count) {
        int most = from.stream().mapToInt(count).max().orElse(0);
        return from.stream()
                .filter(signature -> count.applyAsInt(signature) == most)
                .toList();
    }

    /** By the category of types that the candidates want where the literals stand. */
    private static List<Signature> byCategory(List<Signature> candidates, List<String> arguments) {
        List<Signature> kept = candidates;
        for (int i = 0; i < arguments.size(); i++) {
            if (!arguments.get(i).equals(UNKNOWN)) {
                continue;
            }
            int slot = i;
            List<TypeEntry> wanted = candidates.stream()
                    .map(signature -> Catalogue.type(signature.arguments().get(slot)))
                    .toList();
            char category = wanted.getFirst().category();
            boolean conflict = wanted.stream().anyMatch(type -> type.category() != category);
            boolean text = wanted.stream().anyMatch(type -> type.category() == STRING);
            if (conflict && !text) {
                return candidates;
            }
            char chosen = conflict ? STRING : category;
            boolean preferred = wanted.stream().anyMatch(type -> type.category() == chosen && type.preferred());
            kept = kept.stream()
                    .filter(signature -> {
                        TypeEntry type = Catalogue.type(signature.arguments().get(slot));
                        return type.category() == chosen && (type.preferred() || !preferred);
                    })
                    .toList();
        }
        return kept.isEmpty() ? candidates : kept;
    }

    /** As if the literals had the type of the other arguments. */
    private static @Nullable Signature asAllOneType(List<Signature> candidates, List<String> arguments) {
        List<String> known = arguments.stream()
                .filter(type -> !type.equals(UNKNOWN))
                .distinct()
                .toList();
        if (known.size() != 1) {
            return null;
        }
        List<String> all = Collections.nCopies(arguments.size(), known.getFirst());
        List<Signature> left = candidates.stream()
                .filter(signature -> canCoerce(all, signature.arguments()))
                .toList();
        return left.size() == 1 ? left.getFirst() : null;
    }

    /**
     * The type of several expressions that become one: of UNION, CASE, COALESCE, IN and their like.
     *
     * @return null if they have none in common
     */
    public static @Nullable String common(List<String> types) {
        List<String> distinct = new ArrayList<>(new java.util.LinkedHashSet<>(types));
        if (distinct.size() == 1 && !distinct.getFirst().equals(UNKNOWN)) {
            return distinct.getFirst();
        }
        String chosen = UNKNOWN;
        for (String type : types) {
            if (type.equals(UNKNOWN) || type.equals(chosen)) {
                continue;
            }
            if (chosen.equals(UNKNOWN)) {
                chosen = type;
                continue;
            }
            TypeEntry before = Catalogue.type(chosen);
            if (before.category() != Catalogue.type(type).category()) {
                return null;
            }
            if (!before.preferred() && canCoerce(chosen, type) && !canCoerce(type, chosen)) {
                chosen = type;
            }
        }
        if (chosen.equals(UNKNOWN)) {
            return "text";
        }
        String common = chosen;
        return types.stream().allMatch(type -> canCoerce(type, common)) ? common : null;
    }
}
