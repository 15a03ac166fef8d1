/** Alerts over HTTP and WebSocket. Reads {@code analytics.alert}, writes topic {@code governance.actions}. */
@NullMarked
package io.millrace.gateway.alert;

import org.jspecify.annotations.NullMarked;
