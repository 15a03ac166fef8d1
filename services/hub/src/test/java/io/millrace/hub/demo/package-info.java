@NullMarked
package io.millrace.hub.demo;

import org.jspecify.annotations.NullMarked;
