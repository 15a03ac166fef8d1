@org.jspecify.annotations.NullMarked
package io.millrace.platform.failure;
