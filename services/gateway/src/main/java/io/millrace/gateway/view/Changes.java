package io.millrace.gateway.view;

import java.util.List;

/**
 * What is to be done to bring rows from one state to another.
 *
 * @param state that they come to
 * @param whole instead of all this, the rows are to be read anew
 * @param upserts rows with their keys, as JSON, with commas between
 * @param upserted their keys
 * @param missing keys of rows that are not there, or that the filters do not let through
 */
record Changes(State state, boolean whole, byte[] upserts, List<String> upserted, List<String> missing) {}
