package io.millrace.schemas.row;

import io.millrace.schemas.TableName;
import java.util.List;

/**
 * The relation {@code clock}: one row with today's date. It ticks with a transaction of the source that holds a message of
 * prefix {@link #PREFIX}, so that a date changes at one place of the log, for every view at once.
 */
public final class Clock {
    public static final TableName TABLE = new TableName("millrace", "clock");

    /** Of the logical message whose content is the new date, e.g. {@code 2026-11-25}. */
    public static final String PREFIX = "millrace.clock";

    /** Every lane has it. */
    public static final RelationSchema RELATION = new RelationSchema(
            TABLE, List.of(new Column("today", PgType.DATE, false, "date in UTC")), List.of("today"), null, true);

    private Clock() {}
}
