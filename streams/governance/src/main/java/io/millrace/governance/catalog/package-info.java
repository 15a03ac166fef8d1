/** The controls of the catalog: what their headers say. Reads {@code catalog/controls/*.sql}. */
@org.jspecify.annotations.NullMarked
package io.millrace.governance.catalog;
