/**
 * WebSockets: one connection for any number of subscriptions. What is sent comes from feeds, which other packages have: views, alerts,
 * lag.
 */
@NullMarked
package io.millrace.gateway.live;

import org.jspecify.annotations.NullMarked;
