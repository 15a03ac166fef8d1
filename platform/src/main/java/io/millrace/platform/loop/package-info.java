/** Work that goes on until it is ended. */
@org.jspecify.annotations.NullMarked
package io.millrace.platform.loop;
