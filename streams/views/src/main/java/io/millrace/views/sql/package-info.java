/**
 * Postgres' grammar of queries: text into tokens, tokens into a tree.
 *
 * <p>Reads the text of a view; writes nothing. What the grammar of Postgres has and views do not is refused here, at its place.
 */
@NullMarked
package io.millrace.views.sql;

import org.jspecify.annotations.NullMarked;
