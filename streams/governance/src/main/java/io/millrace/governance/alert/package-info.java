/** What becomes of violations. Reads topics {@code governance.violations} and {@code governance.actions}, writes {@code governance.alerts}. */
@org.jspecify.annotations.NullMarked
package io.millrace.governance.alert;
