@NullMarked
package io.millrace.hub.audit;

import org.jspecify.annotations.NullMarked;
