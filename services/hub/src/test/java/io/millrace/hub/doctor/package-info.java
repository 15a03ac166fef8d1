@NullMarked
package io.millrace.hub.doctor;

import org.jspecify.annotations.NullMarked;
