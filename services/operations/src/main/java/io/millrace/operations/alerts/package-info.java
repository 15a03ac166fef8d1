/** Alerts as they are, and what people decide about them. Reads {@code analytics.alert}, writes topic {@code governance.actions}. */
@NullMarked
package io.millrace.operations.alerts;

import org.jspecify.annotations.NullMarked;
