/**
 * Failures that speak to the person who must act: a category, what happened and where, and the remedy.
 */
@NullMarked
package io.millrace.platform.failure;

import org.jspecify.annotations.NullMarked;
