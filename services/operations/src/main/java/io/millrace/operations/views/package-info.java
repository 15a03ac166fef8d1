/** What people ask of views. Reads and writes topic {@code views.definitions}. */
@NullMarked
package io.millrace.operations.views;

import org.jspecify.annotations.NullMarked;
