/** Follows one source transaction through the hub: spans, and their context in the headers of Kafka records. */
@org.jspecify.annotations.NullMarked
package io.millrace.platform.trace;
