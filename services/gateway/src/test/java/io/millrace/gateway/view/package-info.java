@NullMarked
package io.millrace.gateway.view;

import org.jspecify.annotations.NullMarked;
