/** Every metric of the hub, by name. */
@org.jspecify.annotations.NullMarked
package io.millrace.platform.metrics;
