@NullMarked
package io.millrace.source.reader;

import org.jspecify.annotations.NullMarked;
