/**
 * Scalar expressions with Postgres' semantics: three-valued logic, numeric scales, overflow, microseconds.
 *
 * <p>Reads one row at a time; writes nothing.
 */
@NullMarked
package io.millrace.views.expression;

import org.jspecify.annotations.NullMarked;
