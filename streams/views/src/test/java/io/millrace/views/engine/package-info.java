@NullMarked
package io.millrace.views.engine;

import org.jspecify.annotations.NullMarked;
