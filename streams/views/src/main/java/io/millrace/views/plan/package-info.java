/**
 * What a view is made of: relational operators over tables, with compiled expressions.
 *
 * <p>Reads the catalog's SQL; writes nothing: the engine runs the plans.
 */
@NullMarked
package io.millrace.views.plan;

import org.jspecify.annotations.NullMarked;
