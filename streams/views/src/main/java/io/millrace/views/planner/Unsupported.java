package io.millrace.views.planner;

/** A construct that views do not support. */
public final class Unsupported extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String remedy;

    /** @param construct as in "construct is not supported in views" */
    public Unsupported(String construct, String remedy) {
        super(construct + " is not supported in views", null, false, false);
        this.remedy = remedy;
    }

    public String remedy() {
        return remedy;
    }
}
