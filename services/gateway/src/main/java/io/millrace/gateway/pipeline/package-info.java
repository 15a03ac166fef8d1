/** Where the pipeline is, over HTTP and WebSocket. Reads what the role monitoring of this process found. */
@NullMarked
package io.millrace.gateway.pipeline;

import org.jspecify.annotations.NullMarked;
