/**
 * Postgres' own catalogues, and its rules by which a call becomes the call of one function: what types expressions have.
 *
 * <p>Reads the resource {@code catalogue.txt}, which a test compares with a real server; writes nothing.
 */
@NullMarked
package io.millrace.views.postgres;

import org.jspecify.annotations.NullMarked;
