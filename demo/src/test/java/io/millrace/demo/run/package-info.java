@NullMarked
package io.millrace.demo.run;

import org.jspecify.annotations.NullMarked;
