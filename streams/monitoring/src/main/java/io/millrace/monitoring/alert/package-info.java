/** Stages that are not well become violations of a built-in control, and so alerts. Writes topic {@code governance.violations}. */
@org.jspecify.annotations.NullMarked
package io.millrace.monitoring.alert;
