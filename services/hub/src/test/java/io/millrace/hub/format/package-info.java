@NullMarked
package io.millrace.hub.format;

import org.jspecify.annotations.NullMarked;
