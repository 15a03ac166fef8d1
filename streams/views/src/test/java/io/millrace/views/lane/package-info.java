@NullMarked
package io.millrace.views.lane;

import org.jspecify.annotations.NullMarked;
