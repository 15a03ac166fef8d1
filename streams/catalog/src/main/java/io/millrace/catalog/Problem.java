package io.millrace.catalog;

/** Something wrong in the catalog: where, what, and what to do. Line and column count from 1; 0 means the whole file. */
public record Problem(String file, int line, int column, String message, String remedy) {
    @Override
    public String toString() {
        String place = line > 0 ? file + ":" + line + ":" + column : file;
        return place + ": " + message + "\n    remedy: " + remedy;
    }
}
