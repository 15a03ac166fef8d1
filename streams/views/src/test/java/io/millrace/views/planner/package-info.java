@NullMarked
package io.millrace.views.planner;

import org.jspecify.annotations.NullMarked;
