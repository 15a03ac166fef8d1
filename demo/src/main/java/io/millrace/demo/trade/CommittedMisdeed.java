package io.millrace.demo.trade;

import java.util.Map;

/**
 * A violation that was committed.
 *
 * @param control name of the control that is to find it
 * @param key of the violation, as text
 * @param actor who did it
 * @param xid of the transaction that did it
 */
public record CommittedMisdeed(String control, Map<String, String> key, String actor, long xid) {}
