/** What hubs run with: versions of catalogs and configurations, who approved them, and flags. Reads and writes schema {@code access} of the analytics database. */
@NullMarked
package io.millrace.operations.settings;

import org.jspecify.annotations.NullMarked;
