package io.millrace.views.expression;

import io.millrace.views.plan.ExpressionFailure;

/** LIKE, character by character as Postgres matches: a backslash takes the next one as it is. */
final class LikePattern {
    private static final int ESCAPE = '\\';

    private final int[] pattern;

    LikePattern(String pattern) {
        this.pattern = pattern.codePoints().toArray();
    }

    /** A pattern with another escape, or none, as one with a backslash. */
    static String escaped(String pattern, String escape) {
        if (escape.codePointCount(0, escape.length()) > 1) {
            throw new ExpressionFailure("invalid escape string: it must be empty or one character");
        }
        int character = escape.isEmpty() ? -1 : escape.codePointAt(0);
        if (character == ESCAPE) {
            return pattern;
        }
        StringBuilder result = new StringBuilder();
        boolean taken = false;
        for (int point : pattern.codePoints().toArray()) {
            if (point == character && !taken) {
                result.append('\\');
                taken = true;
            } else if (point == ESCAPE) {
                // What follows an escape is doubled only if it is not taken as it is already.
                result.append(taken ? "\\" : "\\\\");
                taken = false;
            } else {
                result.appendCodePoint(point);
                taken = false;
            }
        }
        return result.toString();
    }

    boolean matches(String text) {
        return matches(text.codePoints().toArray(), 0, 0) == Match.YES;
    }

    private enum Match {
        YES,
        NO,
        /** The text ended too soon: a longer rest of it can't match either. */
        ENDED
    }

    private Match matches(int[] text, int textStart, int patternStart) {
        int at = textStart;
        int next = patternStart;
        while (at < text.length && next < pattern.length) {
            int wanted = pattern[next];
            if (wanted == '%') {
                return afterAny(text, at, next);
            }
            if (wanted == ESCAPE) {
                next++;
                requireMore(next);
                wanted = pattern[next];
            } else if (wanted == '_') {
                wanted = text[at];
            }
            if (wanted != text[at]) {
                return Match.NO;
            }
            at++;
            next++;
        }
        if (at < text.length) {
            return Match.NO;
        }
        while (next < pattern.length && pattern[next] == '%') {
            next++;
        }
        return next == pattern.length ? Match.YES : Match.ENDED;
    }

    private void requireMore(int next) {
        if (next >= pattern.length) {
            throw new ExpressionFailure("LIKE pattern must not end with escape character");
        }
    }

    /** From a % in the pattern on. */
    private Match afterAny(int[] text, int start, int percent) {
        int at = start;
        int next = percent + 1;
        while (next < pattern.length && (pattern[next] == '%' || pattern[next] == '_')) {
            if (pattern[next] == '_') {
                if (at >= text.length) {
                    return Match.ENDED;
                }
                at++;
            }
            next++;
        }
        if (next == pattern.length) {
            return Match.YES;
        }
        int first = pattern[next];
        if (first == ESCAPE) {
            requireMore(next + 1);
            first = pattern[next + 1];
        }
        for (; at < text.length; at++) {
            if (text[at] == first) {
                Match match = matches(text, at, next);
                if (match != Match.NO) {
                    return match;
                }
            }
        }
        return Match.ENDED;
    }
}
