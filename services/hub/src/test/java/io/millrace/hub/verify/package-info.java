/** Tests of the checks. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.verify;
