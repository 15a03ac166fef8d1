/** Takes samples, every second, from Kafka and both databases. */
@org.jspecify.annotations.NullMarked
package io.millrace.monitoring.collect;
