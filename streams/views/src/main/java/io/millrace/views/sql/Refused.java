package io.millrace.views.sql;

/** A query that cannot be a view: where, why, and what to do instead. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Position position;
    private final String remedy;

    public Refused(Position position, String message, String remedy) {
        super(message, null, false, false);
        this.position = position;
        this.remedy = remedy;
    }

    /** For something that Postgres has and views do not. */
    public static Refused unsupported(Position position, String construct, String remedy) {
        return new Refused(position, construct + " is not supported in views", remedy);
    }

    public Position position() {
        return position;
    }

    public String remedy() {
        return remedy;
    }
}
