/** The audit trail. Reads the feed and topic {@code governance.actions}, writes topic {@code governance.audit}. */
@org.jspecify.annotations.NullMarked
package io.millrace.governance.audit;
