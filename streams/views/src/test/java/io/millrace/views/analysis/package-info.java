@NullMarked
package io.millrace.views.analysis;

import org.jspecify.annotations.NullMarked;
