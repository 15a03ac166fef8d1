/** From a service's table to its topic: what changed there is published. */
@NullMarked
package io.millrace.schemas.outbox;

import org.jspecify.annotations.NullMarked;
