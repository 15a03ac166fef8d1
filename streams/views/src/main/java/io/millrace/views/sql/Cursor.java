package io.millrace.views.sql;

import io.millrace.views.postgres.Catalogue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads tokens one by one, and knows where names may stand. */
class Cursor {
    private final List<Token> tokens;
    private int next;

    Cursor(List<Token> tokens) {
        this.tokens = tokens;
    }

    final Token peek() {
        return tokens.get(next);
    }

    final Token peek(int ahead) {
        return tokens.get(Math.min(next + ahead, tokens.size() - 1));
    }

    final Token take() {
        Token token = peek();
        if (token.kind() != Token.Kind.END) {
            next++;
        }
        return token;
    }

    final Position here() {
        return peek().at();
    }

    final boolean isWord(String... words) {
        for (int i = 0; i < words.length; i++) {
            if (!peek(i).is(words[i])) {
                return false;
            }
        }
        return true;
    }

    /** Takes the words if they are all there. */
    final boolean accept(String... words) {
        boolean there = isWord(words);
        for (int i = 0; there && i < words.length; i++) {
            take();
        }
        return there;
    }

    final boolean acceptMark(String mark) {
        boolean there = peek().isPunctuation(mark);
        if (there) {
            take();
        }
        return there;
    }

    final void expect(String word) {
        if (!accept(word)) {
            throw unexpected(word.toUpperCase(java.util.Locale.ROOT));
        }
    }

    final void expectMark(String mark) {
        if (!acceptMark(mark)) {
            throw unexpected(mark);
        }
    }

    final Refused unexpected(String wanted) {
        Token token = peek();
        String remedy = "write " + wanted + " here";
        if (token.kind() == Token.Kind.WORD && isReserved(token)) {
            remedy += "; if " + token.text() + " is a name here, write it in double quotes: \"" + token.text() + '"';
        }
        return new Refused(token.at(), "syntax error at " + token.shown() + ": " + wanted + " was expected", remedy);
    }

    private static boolean isReserved(Token token) {
        Catalogue.Keyword keyword = Catalogue.keyword(token.text());
        return keyword != null && (keyword.category() == 'R' || keyword.category() == 'T');
    }

    private static boolean isName(Token token, String categories) {
        if (token.kind() == Token.Kind.QUOTED) {
            return true;
        }
        Catalogue.Keyword keyword = token.kind() == Token.Kind.WORD ? Catalogue.keyword(token.text()) : null;
        return token.kind() == Token.Kind.WORD && (keyword == null || categories.indexOf(keyword.category()) >= 0);
    }

    /** Whether a column's or a table's name stands here. */
    static boolean isColumnName(Token token) {
        return isName(token, "UC");
    }

    static boolean isFunctionName(Token token) {
        return isName(token, "UT");
    }

    final String columnName(String what) {
        if (!isColumnName(peek())) {
            throw unexpected(what);
        }
        return take().text();
    }

    /** Behind AS or a dot, where every word is a name. */
    final String label(String what) {
        Token token = peek();
        if (token.kind() != Token.Kind.WORD && token.kind() != Token.Kind.QUOTED) {
            throw unexpected(what);
        }
        return take().text();
    }

    /** The name of a column without AS; null if none stands here. */
    final @Nullable String bareLabel() {
        Token token = peek();
        Catalogue.Keyword keyword = token.kind() == Token.Kind.WORD ? Catalogue.keyword(token.text()) : null;
        boolean label = token.kind() == Token.Kind.QUOTED
                || token.kind() == Token.Kind.WORD && (keyword == null || keyword.bareLabel());
        return label ? take().text() : null;
    }

    /** Whether the next word can name a column, but only behind AS. */
    final boolean needsAs() {
        Catalogue.Keyword keyword = peek().kind() == Token.Kind.WORD ? Catalogue.keyword(peek().text()) : null;
        return keyword != null && !keyword.bareLabel() && keyword.category() != 'R';
    }
}
