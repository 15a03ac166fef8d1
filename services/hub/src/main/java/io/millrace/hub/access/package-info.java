/**
 * The commands {@code millrace keys}, {@code users} and {@code roles}: the command line's face of
 * {@link io.millrace.operations.access.Access}.
 */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.access;
