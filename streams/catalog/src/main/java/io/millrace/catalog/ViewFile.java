package io.millrace.catalog;

import io.millrace.schemas.ViewName;
import java.util.List;
import java.util.Map;

/**
 * One file of {@code catalog/views} or {@code catalog/controls}: a query that also runs unchanged on the source.
 *
 * @param file for messages, relative to the catalog
 * @param sql the whole file, header comments included, so that lines count as in the file
 * @param declaredKey from {@code -- key: a, b}; empty where the key is to be derived
 * @param columnDescriptions from {@code -- column <name>: text}
 * @param header of a control: {@link ViewFiles#CONTROL_HEADER} and what the file says of each
 */
public record ViewFile(
        String file,
        ViewName name,
        String sql,
        String description,
        List<String> declaredKey,
        Map<String, String> columnDescriptions,
        Map<String, String> header) {
    /** Whether its rows are violations. */
    public boolean isControl() {
        return file.startsWith(ViewFiles.CONTROLS);
    }
}
