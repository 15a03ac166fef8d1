/** What samples of a position say: how late, since when, whether it moves. Pure. */
@org.jspecify.annotations.NullMarked
package io.millrace.monitoring.lag;
