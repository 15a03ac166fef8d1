/** The command line's face of {@link io.millrace.operations.access.ApiKeys}. */
@NullMarked
package io.millrace.hub.keys;

import org.jspecify.annotations.NullMarked;
