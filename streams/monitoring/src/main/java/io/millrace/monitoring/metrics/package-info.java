/**
 * Throughput, errors and freshness by windows of ten seconds. Reads the feed, the views' changes, dead letters, alerts and deliveries;
 * writes topic {@code ops.metrics}.
 */
@org.jspecify.annotations.NullMarked
package io.millrace.monitoring.metrics;
