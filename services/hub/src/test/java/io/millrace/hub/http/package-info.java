@NullMarked
package io.millrace.hub.http;

import org.jspecify.annotations.NullMarked;
