package io.millrace.platform.failure;

/** Who has to act on a failure. */
public enum Category {
    /** The catalog, the configuration or the command is wrong: its author fixes it. */
    USER,
    /** A server that the hub depends on is away, refuses, or is set up wrongly: its operator fixes it. */
    EXTERNAL,
    /** Memory, disk, connections or ports ran out. */
    RESOURCE,
    /** A defect of Millrace. */
    INTERNAL
}
