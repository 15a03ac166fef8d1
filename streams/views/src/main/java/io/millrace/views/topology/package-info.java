/**
 * The engine within Kafka Streams: one task a lane, exactly once.
 *
 * <p>Reads the feed, and of changed views what they published before; writes {@code views.updates}, {@code views.<view>}, {@code views.definitions}, {@code
 * governance.violations} and {@code hub.dead-letters}.
 */
@NullMarked
package io.millrace.views.topology;

import org.jspecify.annotations.NullMarked;
