/**
 * The source's server: its captured tables, its slot, and whether both are as they must be.
 *
 * <p>Reads Postgres' catalogs; writes the publication and the slot.
 */
@NullMarked
package io.millrace.source.server;

import org.jspecify.annotations.NullMarked;
