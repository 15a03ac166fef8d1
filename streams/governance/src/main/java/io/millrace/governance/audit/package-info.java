/**
 * The audit trail. Reads the feed and topics {@code governance.actions} and {@code governance.hub-events}, writes topic {@code
 * governance.audit}.
 */
@org.jspecify.annotations.NullMarked
package io.millrace.governance.audit;
