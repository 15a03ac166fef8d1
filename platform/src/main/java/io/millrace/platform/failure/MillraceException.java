package io.millrace.platform.failure;

import org.jspecify.annotations.Nullable;

/**
 * What happened and where, and what to do. Never carries a secret.
 *
 * <p>The message is one sentence that names file, line, table, topic, partition, offset or LSN where there is one; the
 * remedy is an instruction, with a statement or a command to copy where there is one.
 */
public class MillraceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Category category;
    private final String remedy;

    public MillraceException(Category category, String message, String remedy) {
        this(category, message, remedy, null);
    }

    public MillraceException(Category category, String message, String remedy, @Nullable Throwable cause) {
        super(message, cause);
        this.category = category;
        this.remedy = remedy;
    }

    public Category category() {
        return category;
    }

    public String remedy() {
        return remedy;
    }

    /** Message and remedy, as a person reads them. */
    public String describe() {
        return category + ": " + getMessage() + "\n  remedy: " + remedy;
    }
}
