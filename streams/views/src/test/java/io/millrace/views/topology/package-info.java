@NullMarked
package io.millrace.views.topology;

import org.jspecify.annotations.NullMarked;
