/** Tests of what the hub tells of itself to other systems. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.telemetry;
