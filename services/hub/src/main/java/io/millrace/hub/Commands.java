package io.millrace.hub;

import java.util.List;

/** Commands that an artefact has beside the hub's own: the development artefact's. */
public interface Commands {
    /** Objects that picocli knows as commands. */
    List<Object> commands();
}
