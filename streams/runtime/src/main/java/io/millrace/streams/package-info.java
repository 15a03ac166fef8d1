/** How a Kafka Streams application runs in a process of the hub: its settings, its failures, its end. */
@org.jspecify.annotations.NullMarked
package io.millrace.streams;
