@NullMarked
package io.millrace.views;

import org.jspecify.annotations.NullMarked;
