package io.millrace.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerDirectoryTest {
    @TempDir
    private Path temporary;

    /** Tests that ran as root left a server's whole data behind each time, until the disk was full. */
    @Test
    void filesOfAServerWhoseDirectoryIsGone_areRemoved_andNobodyElsesAre() throws Exception {
        Path used = placeOf("used");
        Path served = placeOf("served");
        Path gone = placeOf("gone");
        Files.createDirectories(temporary.resolve("used"));
        Files.writeString(
                Files.createDirectories(served.resolve("data")).resolve("postmaster.pid"),
                ProcessHandle.current().pid() + "\n/somewhere\n");
        Files.writeString(
                Files.createDirectories(gone.resolve("data")).resolve("postmaster.pid"), Integer.MAX_VALUE + "\n");
        Path somebodyElses = Files.createDirectories(temporary.resolve("shared").resolve("millrace-other"));

        ServerDirectory.removeAbandoned(temporary.resolve("shared"));

        assertThat(gone.getParent()).doesNotExist();
        assertThat(used).exists();
        assertThat(served).exists();
        assertThat(somebodyElses).exists();
    }

    private Path placeOf(String name) throws Exception {
        Path wanted = temporary.resolve(name);
        Path place = ServerDirectory.inPlaceOf(wanted, temporary.resolve("shared"));
        Files.createDirectories(place);
        Files.writeString(place.resolveSibling("directory"), wanted.toString());
        return place;
    }
}
