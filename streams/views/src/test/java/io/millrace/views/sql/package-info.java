@NullMarked
package io.millrace.views.sql;

import org.jspecify.annotations.NullMarked;
