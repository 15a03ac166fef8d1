/**
 * From a view's SQL to its plan: parsing, validation and planning by Apache Calcite, with Postgres' types; keys and lanes.
 *
 * <p>Reads view files and the schemas of the captured tables; writes nothing.
 */
@NullMarked
package io.millrace.views.planner;

import org.jspecify.annotations.NullMarked;
