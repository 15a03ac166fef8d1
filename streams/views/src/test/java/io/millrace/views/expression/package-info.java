@NullMarked
package io.millrace.views.expression;

import org.jspecify.annotations.NullMarked;
