@NullMarked
package io.millrace.views.postgres;

import org.jspecify.annotations.NullMarked;
