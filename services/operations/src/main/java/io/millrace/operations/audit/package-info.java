/** The audit trail, and the proof that it is whole. Reads {@code audit.record} and topic {@code governance.audit}. */
@NullMarked
package io.millrace.operations.audit;

import org.jspecify.annotations.NullMarked;
