package io.millrace.hub.run;

import io.millrace.hub.config.HubConfig;
import io.millrace.platform.data.DataDirectory;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.util.List;
import java.util.ServiceLoader;

/** Starts the servers that a configuration names no address of. The development artefact has an implementation, the production one none. */
public interface OwnServers {
    /**
     * Starts what the configuration omits.
     *
     * @param directory for the servers' files; given up when they end
     */
    Running start(HubConfig config, DataDirectory directory);

    /** Servers that were started. */
    interface Running extends AutoCloseable {
        /** With the addresses of what was started. */
        HubConfig config();

        @Override
        void close();
    }

    /**
     * Who starts what the configuration omits; nobody has to, where it omits nothing.
     *
     * @throws MillraceException if it omits servers, and this artefact has none
     */
    static OwnServers of(HubConfig config) {
        List<String> omitted = config.omitted();
        return omitted.isEmpty()
                ? Named::new
                : ServiceLoader.load(OwnServers.class)
                        .findFirst()
                        .orElseThrow(() -> new MillraceException(
                                Category.USER,
                                "the configuration does not name " + String.join(", ", omitted),
                                "add it to the configuration file; only the development artefact, which ./millrace runs in a"
                                        + " checkout, starts servers of its own"));
    }

    /** None was to be started. */
    record Named(HubConfig config, DataDirectory directory) implements Running {
        @Override
        public void close() {
            directory.close();
        }
    }
}
