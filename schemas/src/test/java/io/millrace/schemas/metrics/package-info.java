@org.jspecify.annotations.NullMarked
package io.millrace.schemas.metrics;
