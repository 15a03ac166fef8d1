package io.millrace.client;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What brings a view's rows from one state to the next: whole source transactions.
 *
 * @param view its name
 * @param reset whether all rows of before are gone: the upserts are all there are
 * @param lsn position in the source's log that the rows are the result of now, such as {@code 0/1A2B3C8}
 * @param committedAt commit time of the newest transaction up to there
 * @param excludedRows input rows that are kept out of the view because an expression fails on them
 * @param upserts rows by key
 * @param deletes keys of rows that went
 */
public record Change(
        String view,
        boolean reset,
        String lsn,
        Instant committedAt,
        long excludedRows,
        Map<String, JsonNode> upserts,
        Set<String> deletes) {}
