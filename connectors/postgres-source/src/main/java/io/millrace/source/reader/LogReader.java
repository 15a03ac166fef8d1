package io.millrace.source.reader;

import io.millrace.schemas.Lsn;
import java.time.Duration;
import java.util.List;

/** Streams whole transactions from the slot's confirmed position on. */
public interface LogReader extends AutoCloseable {
    /**
     * Waits for events.
     *
     * @return in order, the next ones; empty after the time is over
     * @throws LogReaderFailure when the stream has ended; a new reader then goes on at the confirmed position
     */
    List<LogEvent> poll(Duration limit) throws InterruptedException;

    /** Lets the server forget what is at or below the position: all of it is safe in Kafka. */
    void confirm(Lsn position);

    @Override
    void close();
}
