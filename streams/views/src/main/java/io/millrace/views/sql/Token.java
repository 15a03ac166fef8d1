package io.millrace.views.sql;

/**
 * A token of Postgres' grammar.
 *
 * @param text a word folded to lower case, a quoted name or a string without its quotes, else as written
 */
record Token(Kind kind, String text, Position at) {
    enum Kind {
        /** An unquoted word: a keyword or a name. */
        WORD,
        /** A name in double quotes. */
        QUOTED,
        STRING,
        NUMBER,
        /** One of {@code ( ) [ ] , ; . :: :} */
        PUNCTUATION,
        OPERATOR,
        END
    }

    boolean is(String word) {
        return kind == Kind.WORD && text.equals(word);
    }

    boolean isPunctuation(String mark) {
        return kind == Kind.PUNCTUATION && text.equals(mark);
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    /** For messages. */
    String shown() {
        return switch (kind) {
            case END -> "the end of the file";
            case STRING -> "'" + text + "'";
            case QUOTED -> '"' + text + '"';
            default -> text;
        };
    }
}
