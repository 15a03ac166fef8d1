/** What people do beside a running hub, once for all who ask: the command line and the gateway. */
@NullMarked
package io.millrace.operations;

import org.jspecify.annotations.NullMarked;
