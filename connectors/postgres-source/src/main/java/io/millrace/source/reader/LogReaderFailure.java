package io.millrace.source.reader;

/** The stream has ended; the cause says why. */
public final class LogReaderFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LogReaderFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
