/**
 * The reference ERP: its schema, and what is true of its data after every commit.
 *
 * <p>Reads and writes the ERP's database.
 */
@NullMarked
package io.millrace.demo.erp;

import org.jspecify.annotations.NullMarked;
