/** The commands {@code millrace alerts …}. Reads {@code analytics.alert}, writes topic {@code governance.actions}. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.alerts;
