package io.millrace.source;

/** What reads the source's log. */
public enum ReaderKind {
    /** Millrace's own reader of {@code pgoutput}: every value as Postgres has it. */
    NATIVE,
    /** Debezium's engine, which represents some values otherwise than Postgres; tables with such types are refused. */
    DEBEZIUM
}
