/** Knows who asks by the key that a request has. Reads {@code access.api_key}, and writes there when keys were used last. */
@NullMarked
package io.millrace.gateway.key;

import org.jspecify.annotations.NullMarked;
