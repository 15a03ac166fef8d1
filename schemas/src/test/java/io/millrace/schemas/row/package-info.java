@NullMarked
package io.millrace.schemas.row;

import org.jspecify.annotations.NullMarked;
