/**
 * The audit trail. Reads the feed and topics {@code governance.actions}, {@code governance.hub-events} and {@code
 * hub.dead-letter-actions}, writes topic {@code governance.audit}.
 */
@org.jspecify.annotations.NullMarked
package io.millrace.governance.audit;
