@NullMarked
package io.millrace.source.snapshot;

import org.jspecify.annotations.NullMarked;
