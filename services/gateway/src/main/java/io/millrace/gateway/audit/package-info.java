/** The audit trail over HTTP. Reads {@code audit.record} and topic {@code governance.audit}. */
@NullMarked
package io.millrace.gateway.audit;

import org.jspecify.annotations.NullMarked;
