/** What the hub tells of itself to other systems: reads the configuration, sends spans, errors and metrics. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.telemetry;
