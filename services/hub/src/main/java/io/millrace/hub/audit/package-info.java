/** The command {@code millrace audit}. Reads {@code audit.record} and the ends of topic {@code governance.audit}. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.audit;
