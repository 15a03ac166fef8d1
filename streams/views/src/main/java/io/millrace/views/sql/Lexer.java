package io.millrace.views.sql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Postgres' lexical rules: strings of all forms, nested comments, names, numbers, operators of any length. */
final class Lexer {
    private static final int LONGEST_NAME = 63;
    private static final String OPERATOR_CHARACTERS = "+-*/<>=~!@#%^&|`?";
    /** An operator of several characters may end in + or - only if it has one of these. */
    private static final String KEEPS_SIGN = "~!@#%^&|`?";

    private static final Pattern NUMBER = Pattern.compile(
            "0[xX](?:_?[0-9a-fA-F])++|0[oO](?:_?[0-7])++|0[bB](?:_?[01])++"
                    + "|(?:[0-9](?:_?[0-9])*+(?:\\.(?:[0-9](?:_?[0-9])*+)?)?|\\.[0-9](?:_?[0-9])*+)(?:[eE][+-]?[0-9](?:_?[0-9])*+)?");
    private static final Pattern DOLLAR_QUOTE =
            Pattern.compile("\\$([A-Za-z_\\x80-\\uffff][A-Za-z0-9_\\x80-\\uffff]*)?\\$");

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Lexer(String text) {
        this.text = text;
    }

    /** Ends in a token of kind {@link Token.Kind#END}. */
    static List<Token> tokens(String text) {
        Lexer lexer = new Lexer(text);
        while (lexer.skipBlanks()) {
            lexer.next();
        }
        lexer.add(Token.Kind.END, "", text.length());
        return List.copyOf(lexer.tokens);
    }

    private void add(Token.Kind kind, String value, int start) {
        tokens.add(new Token(kind, value, Position.of(text, start)));
    }

    private char peek(int ahead) {
        return at + ahead < text.length() ? text.charAt(at + ahead) : '\0';
    }

    private Refused malformed(int start, String what, String remedy) {
        return new Refused(Position.of(text, start), what, remedy);
    }

    /** Whether there is more. */
    private boolean skipBlanks() {
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.startsWith("--", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("/*", at)) {
                skipComment();
            } else {
                return true;
            }
        }
        return false;
    }

    /** Comments nest. */
    private void skipComment() {
        int start = at;
        int depth = 0;
        do {
            if (text.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (text.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else if (at < text.length()) {
                at++;
            } else {
                throw malformed(start, "a comment that does not end", "end it with */");
            }
        } while (depth > 0);
    }

    private void next() {
        char c = text.charAt(at);
        int start = at;
        if (c == '\'') {
            add(Token.Kind.STRING, string(false), start);
        } else if (c == '"') {
            at++;
            name(start, quoted(start, '"', "a quoted name that does not end", "end it with a double quote"));
        } else if ((c == 'e' || c == 'E') && peek(1) == '\'') {
            at++;
            add(Token.Kind.STRING, string(true), start);
        } else if ("bBxXnNuU".indexOf(c) >= 0
                && (peek(1) == '\''
                        || "uU".indexOf(c) >= 0
                                && text.startsWith("&", at + 1)
                                && (peek(2) == '\'' || peek(2) == '"'))) {
            throw Refused.unsupported(Position.of(text, start), "this form of a literal", "write it as '…' or \"…\"");
        } else if (isNameStart(c)) {
            while (at < text.length() && isNamePart(text.charAt(at))) {
                at++;
            }
            word(start);
        } else if (Character.isDigit(c) || c == '.' && Character.isDigit(peek(1))) {
            number(start);
        } else if (c == '$') {
            dollar(start);
        } else if ("()[],;.".indexOf(c) >= 0) {
            at++;
            add(Token.Kind.PUNCTUATION, String.valueOf(c), start);
        } else if (c == ':') {
            at += peek(1) == ':' ? 2 : 1;
            add(Token.Kind.PUNCTUATION, text.substring(start, at), start);
        } else if (OPERATOR_CHARACTERS.indexOf(c) >= 0) {
            operator(start);
        } else {
            throw malformed(
                    start, "an unexpected character: " + Character.toString(text.codePointAt(at)), "take it out");
        }
    }

    private static boolean isNameStart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80;
    }

    private static boolean isNamePart(char c) {
        return isNameStart(c) || c >= '0' && c <= '9' || c == '$';
    }

    private void word(int start) {
        String word = text.substring(start, at);
        StringBuilder folded = new StringBuilder();
        // As Postgres does in UTF-8: only ASCII letters.
        word.chars().forEach(c -> folded.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
        requireShort(start, folded.toString());
        add(Token.Kind.WORD, folded.toString(), start);
    }

    private void name(int start, String name) {
        if (name.isEmpty()) {
            throw malformed(start, "an empty name", "write a name between the double quotes");
        }
        requireShort(start, name);
        add(Token.Kind.QUOTED, name, start);
    }

    private void requireShort(int start, String name) {
        if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            throw malformed(
                    start, "a name of more than " + LONGEST_NAME + " bytes, which Postgres would cut,", "shorten it");
        }
    }

    /** What stands between quotes, which are doubled inside; behind the closing one afterwards. */
    private String quoted(int start, char quote, String unclosed, String remedy) {
        StringBuilder value = new StringBuilder();
        while (true) {
            int end = text.indexOf(quote, at);
            if (end < 0) {
                throw malformed(start, unclosed, remedy);
            }
            value.append(text, at, end);
            at = end + 1;
            if (peek(0) != quote) {
                return value.toString();
            }
            value.append(quote);
            at++;
        }
    }

    /** Strings that only white space with a line break parts are one. */
    private String string(boolean escapes) {
        int start = at++;
        StringBuilder value = new StringBuilder(escapes ? escaped(start) : plain(start));
        while (true) {
            int back = at;
            boolean more = skipBlanks();
            if (more && peek(0) == '\'' && text.substring(back, at).contains("\n")) {
                at++;
                value.append(escapes ? escaped(start) : plain(start));
            } else {
                at = back;
                return value.toString();
            }
        }
    }

    private String plain(int start) {
        return quoted(start, '\'', "a string that does not end", "end it with a single quote");
    }

    private String escaped(int start) {
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '\'' && peek(0) == '\'') {
                at++;
                value.append('\'');
            } else if (c == '\'') {
                return value.toString();
            } else if (c == '\\') {
                escape(start, value);
            } else {
                value.append(c);
            }
        }
        throw malformed(start, "a string that does not end", "end it with a single quote");
    }

    private void escape(int start, StringBuilder value) {
        char c = peek(0);
        at++;
        switch (c) {
            case 'n' -> value.append('\n');
            case 't' -> value.append('\t');
            case 'r' -> value.append('\r');
            case 'b' -> value.append('\b');
            case 'f' -> value.append('\f');
            case 'u', 'U' -> {
                int digits = c == 'u' ? 4 : 8;
                String code = text.substring(at, Math.min(text.length(), at + digits));
                if (!code.matches("[0-9a-fA-F]{" + digits + "}")
                        || !Character.isValidCodePoint(Integer.parseUnsignedInt(code, 16))) {
                    throw malformed(start, "an invalid Unicode escape", "write \\uXXXX or \\UXXXXXXXX");
                }
                value.appendCodePoint(Integer.parseInt(code, 16));
                at += digits;
            }
            default -> {
                if (c == 'x' || c >= '0' && c <= '7') {
                    throw Refused.unsupported(
                            Position.of(text, start), "a string with bytes in it", "write the characters, or \\uXXXX");
                }
                value.append(c);
            }
        }
    }

    private void dollar(int start) {
        Matcher quote = DOLLAR_QUOTE.matcher(text).region(at, text.length());
        if (!quote.lookingAt()) {
            throw Refused.unsupported(Position.of(text, start), "a parameter", "write the value");
        }
        int end = text.indexOf(quote.group(), quote.end());
        if (end < 0) {
            throw malformed(start, "a string that does not end", "end it with " + quote.group());
        }
        at = end + quote.group().length();
        add(Token.Kind.STRING, text.substring(quote.end(), end), start);
    }

    private void number(int start) {
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        boolean found = number.lookingAt();
        int end = found ? number.end() : at + 1;
        if (!found || end < text.length() && isNamePart(text.charAt(end))) {
            throw malformed(start, "a number with something behind it", "put a space behind the number");
        }
        at = end;
        add(Token.Kind.NUMBER, number.group().replace("_", "").toLowerCase(Locale.ROOT), start);
    }

    private void operator(int start) {
        int end = at;
        while (end < text.length()
                && OPERATOR_CHARACTERS.indexOf(text.charAt(end)) >= 0
                && !(end > at && (text.startsWith("--", end) || text.startsWith("/*", end)))) {
            end++;
        }
        String operator = text.substring(at, end);
        if (operator.chars().noneMatch(c -> KEEPS_SIGN.indexOf(c) >= 0)) {
            while (operator.length() > 1 && (operator.endsWith("+") || operator.endsWith("-"))) {
                operator = operator.substring(0, operator.length() - 1);
            }
        }
        at += operator.length();
        add(Token.Kind.OPERATOR, operator.equals("!=") ? "<>" : operator, start);
    }
}
