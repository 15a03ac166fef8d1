@NullMarked
package io.millrace.hub.run;

import org.jspecify.annotations.NullMarked;
