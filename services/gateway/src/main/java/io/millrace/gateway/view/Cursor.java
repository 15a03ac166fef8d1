package io.millrace.gateway.view;

import io.millrace.gateway.http.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a page ended.
 *
 * @param v form of the cursor
 * @param generation of the view
 * @param query fingerprint of filters and order
 * @param last the texts of the order's columns in the last row
 * @param epoch of the first page
 */
record Cursor(int v, String generation, String query, List<@Nullable String> last, long epoch) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    static final int FORM = 1;

    String text() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(JSON.writeValueAsBytes(this));
    }

    /** @throws Problem if the text is none of this query's */
    static Cursor parse(String text, Relation view, String query, int columns) {
        Cursor cursor;
        try {
            cursor = JSON.readValue(
                    new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8), Cursor.class);
        } catch (IllegalArgumentException | JacksonException wrong) {
            throw new Problem(
                    Problem.Kind.BAD_CURSOR,
                    "the cursor is not one that this gateway gave",
                    "send 'next' of the answer before as it was");
        }
        if (cursor.v != FORM || !query.equals(cursor.query) || cursor.last == null || cursor.last.size() != columns) {
            throw new Problem(
                    Problem.Kind.BAD_CURSOR,
                    "the cursor is of another view, other filters or another order",
                    "repeat the request of the first page, with the cursor added; or leave the cursor out");
        }
        if (!view.generation().equals(cursor.generation)) {
            throw new Problem(
                    Problem.Kind.VIEW_CHANGED,
                    "view " + view.name() + " has another definition than when the first page was read",
                    "begin again, without the cursor");
        }
        return cursor;
    }
}
