@NullMarked
package io.millrace.hub.deploy;

import org.jspecify.annotations.NullMarked;
