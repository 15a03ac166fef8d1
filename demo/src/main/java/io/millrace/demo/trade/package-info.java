/**
 * A business that trades in the reference ERP: one click, one transaction, with its journal entry.
 *
 * <p>Reads and writes the ERP's database.
 */
@NullMarked
package io.millrace.demo.trade;

import org.jspecify.annotations.NullMarked;
