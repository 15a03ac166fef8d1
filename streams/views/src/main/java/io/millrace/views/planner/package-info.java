/**
 * From a view's SQL to its plan: parsed and analysed by Postgres' rules, conditions moved by Apache Calcite; keys and lanes.
 *
 * <p>Reads view files and the schemas of the captured tables; writes nothing.
 */
@NullMarked
package io.millrace.views.planner;

import org.jspecify.annotations.NullMarked;
