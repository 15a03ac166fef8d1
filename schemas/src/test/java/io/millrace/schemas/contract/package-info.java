@NullMarked
package io.millrace.schemas.contract;

import org.jspecify.annotations.NullMarked;
