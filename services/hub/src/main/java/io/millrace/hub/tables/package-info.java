/** The source's tables, for commands that check the catalog: as they are, or as they were seen last, in {@code <data>/tables}. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.tables;
