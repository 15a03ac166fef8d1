/** Tests of what is known of a stage. */
@org.jspecify.annotations.NullMarked
package io.millrace.monitoring.collect;
