package io.millrace.views.planner;

/** A construct that views do not support. */
public final class Unsupported extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String remedy;
    private final Places.Of place;

    /** @param construct as in "construct is not supported in views" */
    public Unsupported(String construct, String remedy) {
        this(construct, remedy, Places.Of.UNKNOWN);
    }

    Unsupported(String construct, String remedy, Places.Of place) {
        super(construct + " is not supported in views", null, false, false);
        this.remedy = remedy;
        this.place = place;
    }

    Places.Of place() {
        return place;
    }

    public String remedy() {
        return remedy;
    }
}
