package io.millrace.client;

/** What the gateway says is wrong, as RFC 9457 has it, and what to do about it. */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String type;
    private final String remedy;

    /**
     * @param type such as {@code urn:millrace:problem:not-found}
     * @param remedy what to do
     */
    public Problem(String type, String detail, String remedy) {
        super(detail + ": " + remedy);
        this.type = type;
        this.remedy = remedy;
    }

    /** For programs. */
    public String type() {
        return type;
    }

    /** What to do. */
    public String remedy() {
        return remedy;
    }
}
