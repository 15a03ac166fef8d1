/** What several gateways share in Redis, if there is one: pages that were read, and how often a key may ask. Nothing that would be lost with it. */
@NullMarked
package io.millrace.gateway.redis;

import org.jspecify.annotations.NullMarked;
