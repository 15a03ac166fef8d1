@NullMarked
package io.millrace.hub.config;

import org.jspecify.annotations.NullMarked;
