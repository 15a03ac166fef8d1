@NullMarked
package io.millrace.demo.trade;

import org.jspecify.annotations.NullMarked;
