package io.millrace.views.catalog;

import io.millrace.schemas.ViewName;
import java.util.List;
import java.util.Map;

/**
 * One file of {@code catalog/views}: a query that also runs unchanged on the source.
 *
 * @param file for messages, relative to the catalog
 * @param sql the whole file, header comments included, so that lines count as in the file
 * @param declaredKey from {@code -- key: a, b}; empty where the key is to be derived
 * @param columnDescriptions from {@code -- column <name>: text}
 */
public record ViewFile(
        String file,
        ViewName name,
        String sql,
        String description,
        List<String> declaredKey,
        Map<String, String> columnDescriptions) {}
