package io.millrace.views.sql;

/** A place in a text; line and column count from 1. {@link #NONE} is the whole text. */
public record Position(int line, int column) {
    public static final Position NONE = new Position(0, 0);

    /** Of the character at an offset; columns count characters, not UTF-16 units. */
    public static Position of(String text, int offset) {
        int line = 1;
        int start = 0;
        for (int i = 0; i < offset; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                start = i + 1;
            }
        }
        return new Position(line, text.codePointCount(start, offset) + 1);
    }

    /** The character's in the text that it is a place of. */
    int offset(String text) {
        int start = 0;
        for (int i = 1; i < line; i++) {
            start = text.indexOf('\n', start) + 1;
        }
        return text.offsetByCodePoints(start, column - 1);
    }
}
