package io.millrace.hub.settings;

import io.millrace.hub.VersionCommand;
import io.millrace.hub.audit.HubContent;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.Role;
import io.millrace.operations.access.Access;
import io.millrace.operations.settings.Content;
import io.millrace.operations.settings.Flag;
import io.millrace.operations.settings.Settings;
import io.millrace.operations.settings.Version;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.loop.Loop;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this hub runs with: refused at the start if somebody has to approve it first, and told while it runs. */
public final class HubSettings implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HubSettings.class);
    private static final Duration ALIVE = Duration.ofSeconds(30);
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final HubConfig config;
    private final Access access;
    private final Content catalog;
    private final Content configuration;
    /** As exactly as Postgres keeps it. */
    private final Instant startedAt = Instant.now().truncatedTo(ChronoUnit.MICROS);

    private final Loop loop = new Loop("hub-settings", this::tell);
    private boolean migrated;

    private HubSettings(HubConfig config) {
        this.config = config;
        this.catalog = catalog(config);
        this.configuration = new Content(Version.Kind.CONFIGURATION, HubContent.configuration(config));
        this.access = new Access(
                config.analytics().url(),
                config.analytics().user(),
                config.analytics().password().reveal());
    }

    static Content catalog(HubConfig config) {
        return new Content(Version.Kind.CATALOG, HubContent.catalogTexts(config.catalog()));
    }

    /** The system's user. */
    static String user() {
        return System.getProperty("user.name", "unknown");
    }

    /** Begins to tell what this hub runs with; null if it has no analytics database, since no role of it needs one. */
    public static @Nullable HubSettings start(HubConfig config) {
        if (config.analytics().isEmbedded()) {
            return null;
        }
        HubSettings fresh = new HubSettings(config);
        fresh.loop.start();
        return fresh;
    }

    /**
     * Fails if the catalog needs an approval that it does not have. Where that is not known, since the analytics database is away or not
     * configured, the hub starts: the source keeps its log for it.
     */
    public static void requireApproved(HubConfig config) {
        if (config.analytics().isEmbedded()) {
            return;
        }
        try (Access access = new Access(
                config.analytics().url(),
                config.analytics().user(),
                config.analytics().password().reveal())) {
            if (!access.isMade()) {
                // Nobody set a flag yet.
                return;
            }
            Settings settings = access.settings();
            if (settings.isOn(Flag.CATALOG_NEEDS_SECOND_PERSON)) {
                Version version =
                        settings.record(catalog(config), user(), config.engine().instance());
                if (version.approvedBy() == null) {
                    throw new MillraceException(
                            Category.USER,
                            "catalog " + version.id() + " is not approved, and flag "
                                    + Flag.CATALOG_NEEDS_SECOND_PERSON + " is on; " + version.seenBy()
                                    + " was the first who had it",
                            "have somebody else look at it and approve it: 'millrace settings show " + version.id()
                                    + "', 'millrace settings approve " + version.id() + "'");
                }
            }
        } catch (MillraceException failed) {
            if (failed.category() == Category.USER) {
                throw failed;
            }
            LOG.warn("whether the catalog needs an approval is not known now: {}", failed.getMessage());
        } catch (JdbiException away) {
            LOG.warn("whether the catalog needs an approval is not known now: {}", away.getMessage());
        }
    }

    private Duration tell() {
        try {
            if (!migrated) {
                access.migrate();
                migrated = true;
            }
            // The whole catalog is sent once, not each half minute.
            if (access.settings().alive(config.engine().instance(), startedAt)) {
                return ALIVE;
            }
            access.settings()
                    .run(
                            config.engine().instance(),
                            VersionCommand.version(),
                            config.roles().stream().map(Role::toString).sorted().toList(),
                            catalog,
                            configuration,
                            user(),
                            startedAt);
            return ALIVE;
        } catch (MillraceException | JdbiException away) {
            LOG.debug("what this hub runs with cannot be told now: {}", away.getMessage());
            return AGAIN;
        }
    }

    @Override
    public void close() {
        loop.close();
        access.close();
    }
}
