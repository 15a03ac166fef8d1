package io.millrace.governance.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is another in a hub's catalog or configuration than it was. */
final class ContentChange {
    private ContentChange() {}

    /**
     * One line for each entry that differs, in the order of their names.
     *
     * @param before null if nothing is known of it
     * @param valued whether values are told, not only that they changed
     */
    static List<String> lines(@Nullable Map<String, String> before, Map<String, String> now, boolean valued) {
        if (before == null) {
            return List.of("first seen, with " + now.size() + " entries");
        }
        SortedMap<String, String> all = new TreeMap<>(before);
        all.putAll(now);
        List<String> lines = new ArrayList<>();
        for (String name : all.keySet()) {
            String was = before.get(name);
            String is = now.get(name);
            if (was == null) {
                lines.add("added " + name + (valued ? " = " + is : ""));
            } else if (is == null) {
                lines.add("removed " + name);
            } else if (!was.equals(is)) {
                lines.add("changed " + name + (valued ? " from " + was + " to " + is : ""));
            }
        }
        return lines;
    }

    /** All of it as one text, and back: the shape in which it is kept and digested. */
    static String text(Map<String, String> content) {
        return new TreeMap<>(content)
                .entrySet().stream()
                        .map(entry -> escape(entry.getKey()) + "\t" + escape(entry.getValue()))
                        .collect(Collectors.joining("\n"));
    }

    static Map<String, String> parse(String text) {
        Map<String, String> content = new TreeMap<>();
        text.lines().forEach(line -> {
            int tab = line.indexOf('\t');
            content.put(unescape(line.substring(0, tab)), unescape(line.substring(tab + 1)));
        });
        return content;
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                char next = text.charAt(++i);
                plain.append(next == 't' ? '\t' : next == 'n' ? '\n' : next == 'r' ? '\r' : next);
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }
}
