@NullMarked
package io.millrace.source;

import org.jspecify.annotations.NullMarked;
