package io.millrace.gateway.mail;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.millrace.gateway.live.Feed;
import io.millrace.gateway.live.FeedKind;
import io.millrace.notifications.ledger.Deliveries;
import io.millrace.notifications.ledger.Deliveries.Change;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.operations.access.Permission;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Mails for those who follow them: those that are not done with, and then each that changes. */
public final class MailFeeds {
    private static final Duration LOOK = Duration.ofMillis(500);

    /** A change shows when its transaction is committed, which may be a little later than it says. */
    private static final Duration OVERLAP = Duration.ofSeconds(30);

    private static final int MOST = 1_000;
    private static final int MOST_AT_FIRST = 10_000;

    private final Ledger ledger;

    /** Read once for all who are as far. */
    private final LoadingCache<Instant, List<Change>> changed;

    public MailFeeds(Ledger ledger) {
        this.ledger = ledger;
        this.changed = Caffeine.newBuilder()
                .expireAfterWrite(LOOK.minusMillis(50))
                .maximumSize(MOST)
                .build(since -> read(deliveries -> deliveries.changedSince(since, MOST)));
    }

    public FeedKind kind() {
        return new FeedKind("mail", Permission.MAIL_READ, List.of(), (arguments, key) -> new MailFeed());
    }

    private interface Read {
        List<Change> of(Deliveries deliveries);
    }

    private List<Change> read(Read read) {
        try {
            return LedgerWork.with(ledger, open -> read.of(open.deliveries()));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private Instant lastChange() {
        try {
            return LedgerWork.with(ledger, open -> open.deliveries().lastChange());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private final class MailFeed implements Feed {
        /** By id, of the changes that may be read again. */
        private final Map<String, Change> told = new HashMap<>();

        /** From where it reads next; null before the first message. */
        private @Nullable Instant since;

        private Instant newest = Instant.EPOCH;
        private volatile long lookedAt = System.nanoTime() - LOOK.toNanos();

        @Override
        public @Nullable Message next() {
            if (!isWaiting()) {
                return null;
            }
            Instant from = since;
            List<Change> read = from == null ? first() : changed.get(from);
            List<Change> news = read.stream()
                    .filter(change -> {
                        Change known = told.get(change.mail().id());
                        return known == null || known.version() < change.version();
                    })
                    .toList();
            news.forEach(change -> told.put(change.mail().id(), change));
            advance(from, read);
            if (from != null && news.isEmpty()) {
                return null;
            }
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            members.put("type", "mail");
            members.put("first", from == null);
            members.put(
                    "deliveries",
                    news.stream()
                            .map(change -> MailEndpoints.described(change.mail()))
                            .toList());
            return new Message(members, Map.of());
        }

        /** Those that are not done with; what changes from now on is told next. */
        private List<Change> first() {
            newest = lastChange();
            return read(deliveries -> deliveries.open(MOST_AT_FIRST));
        }

        private void advance(@Nullable Instant from, List<Change> read) {
            if (from != null && !read.isEmpty() && read.getLast().at().isAfter(newest)) {
                newest = read.getLast().at();
            }
            boolean more = from != null && read.size() == MOST;
            // Behind a full page there are others: they are read at once, and then all of the overlap again.
            since = more ? read.getLast().at() : newest.minus(OVERLAP);
            lookedAt = more ? System.nanoTime() - LOOK.toNanos() : System.nanoTime();
            if (!more) {
                told.values().removeIf(change -> change.at().isBefore(newest.minus(OVERLAP)));
            }
        }

        @Override
        public boolean isWaiting() {
            return System.nanoTime() - lookedAt >= LOOK.toNanos();
        }

        @Override
        public Duration rest() {
            return LOOK;
        }
    }
}
