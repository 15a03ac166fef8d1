/**
 * What a query means: names become columns, calls become functions, expressions get the types that Postgres gives them.
 *
 * <p>Reads the tree of a query and the captured tables; gives Calcite's relational operators, with expressions and types of ours.
 */
@NullMarked
package io.millrace.views.analysis;

import org.jspecify.annotations.NullMarked;
