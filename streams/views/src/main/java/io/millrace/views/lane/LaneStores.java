package io.millrace.views.lane;

import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * A lane's state. All of it moves with each record that is processed, or none of it.
 *
 * @param rows the newest row of every key of every table
 * @param parts of the epoch that is not complete yet
 * @param published by view, what of it is published
 * @param applied up to which epoch
 */
public record LaneStores(
        KeyValueStore<Bytes, byte[]> rows,
        KeyValueStore<Bytes, byte[]> parts,
        KeyValueStore<String, String> published,
        KeyValueStore<String, Long> applied) {}
