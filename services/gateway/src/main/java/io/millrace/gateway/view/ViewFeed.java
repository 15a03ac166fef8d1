package io.millrace.gateway.view;

import io.millrace.gateway.http.Arguments;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.live.Feed;
import io.millrace.gateway.view.Relation.Column;
import io.millrace.operations.access.Tenants;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Rows of a view, and then what changes in them: whole source transactions, since each message brings the rows from one state of the
 * tables to another. Pages of the first rows may be of different states: the message after them brings all to one.
 */
final class ViewFeed implements Feed {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PROGRESS = Duration.ofSeconds(1);

    /** A client that hears nothing for long takes its connection for broken. */
    private static final Duration ALIVE = Duration.ofSeconds(15);

    private static final Duration AGAIN = Duration.ofMillis(20);
    private static final Duration BEHIND_LIMIT = Duration.ofSeconds(10);
    private static final int PAGE_ROWS = 1_000;

    private final Views views;
    private final ChangeReader reader;
    private final String view;
    private final Arguments arguments;
    private final Tenants tenants;
    private final Duration every;
    private final VisibleKeys visible;

    /** What is followed; null before it begins. */
    private volatile @Nullable RowQuery query;

    /** Where the next page begins, while rows are sent; null for the first one. */
    private @Nullable String cursor;

    private volatile boolean sendingRows;

    /** Whether the client has one state: all pages, and what changed since the first. */
    private volatile boolean consistent;

    /** State that the client has, or that the first page is of. */
    private long epoch;

    /** The last one that changed the view, as of that state. */
    private volatile long changedEpoch;

    private long excludedRows;

    private final ToldState told = new ToldState();
    private volatile long behindSince;

    ViewFeed(Views views, ChangeReader reader, Arguments arguments, Tenants tenants) {
        this.tenants = tenants;
        this.views = views;
        this.reader = reader;
        this.arguments = arguments;
        this.view = arguments.get(LiveParameters.VIEW);
        this.every = arguments.get(LiveParameters.EVERY);
        this.visible = new VisibleKeys(arguments.all(ViewParameters.FILTER).isEmpty());
        // What is wrong with the subscription is told at once.
        views.settled(views.state().now(), current -> query(views.require(current, view, tenants)));
    }

    private RowQuery query(Relation relation) {
        if (relation.kind() == Relation.Kind.REPORT) {
            throw new Problem(
                    Problem.Kind.CONFLICT,
                    "report " + view + " cannot be followed: its rows have no key",
                    "follow the views that it reads, and read it again when they change");
        }
        Columns columns = views.columns(relation);
        List<Column> chosen = new ArrayList<>(columns.chosen(arguments.all(ViewParameters.COLUMNS)));
        RowQuery wanted = new RowQuery(
                relation,
                chosen,
                arguments.all(ViewParameters.FILTER).stream()
                        .map(text -> Filter.parse(text, columns))
                        .toList(),
                Order.parse(List.of(), columns, relation.key()),
                Optional.empty(),
                PAGE_ROWS,
                RowQuery.Count.NONE,
                arguments.get(ViewParameters.NUMBERS),
                true,
                tenants);
        KeySql.require(relation, wanted.key());
        if (!tenants.isAll() && !relation.key().contains(views.tenantColumn())) {
            throw new Problem(
                    Problem.Kind.NOT_PERMITTED,
                    "view " + view + " can be followed with a key of all tenants only: " + views.tenantColumn()
                            + " is not a column of its key",
                    "read it with GET /api/v1/views/" + view + "/rows");
        }
        return wanted;
    }

    @Override
    public boolean isWaiting() {
        RowQuery followed = query;
        if (followed == null || sendingRows || !consistent) {
            return true;
        }
        Applied now = views.state().last();
        if (now == null) {
            return false;
        }
        Relation current = now.relations().get(view);
        return current == null
                || current.oid() != followed.relation().oid()
                || current.changedEpoch() > changedEpoch && told.age().compareTo(every) >= 0;
    }

    @Override
    public Duration rest() {
        if (behindSince != 0) {
            return AGAIN;
        }
        Duration left = every.minus(told.age());
        return left.isNegative() || left.compareTo(PROGRESS) > 0 ? PROGRESS : left;
    }

    @Override
    public @Nullable Message next() {
        Applied now = views.state().now();
        try {
            Message message = next(now);
            behindSince = 0;
            return message;
        } catch (ChangeReader.Behind | State.Replaced notYet) {
            // Within a moment it is known what changed, or what is there now.
            return behind();
        }
    }

    private @Nullable Message next(Applied now) {
        Relation current = views.require(now, view, tenants);
        RowQuery followed = query;
        if (followed == null) {
            return begin(current, now, resumed(current, now));
        }
        if (followed.relation().oid() != current.oid()
                || !followed.relation().generation().equals(current.generation())
                || hasGoneBack(now)) {
            return begin(current, now, false);
        }
        if (sendingRows) {
            return page(followed, now, cursor == null);
        }
        boolean due = told.age().compareTo(every) >= 0;
        if (!consistent || due && current.changedEpoch() > changedEpoch) {
            return changes(followed, now);
        }
        boolean same = current.changedEpoch() <= changedEpoch && now.epoch() >= told.epoch();
        boolean moved = now.epoch() > told.epoch() && told.age().compareTo(PROGRESS) >= 0;
        return same && (moved || told.age().compareTo(ALIVE) >= 0) ? progress(now) : null;
    }

    /** Whether the source's history begins anew. For a moment, a message may be ahead of what is known of all views. */
    private boolean hasGoneBack(Applied now) {
        return now.epoch() < told.epoch() && told.age().compareTo(PROGRESS) >= 0;
    }

    /** Where the client says that it has rows of a state, whether all that changed since is known. */
    private boolean resumed(Relation current, Applied now) {
        Optional<String> after = arguments.optional(LiveParameters.AFTER);
        if (after.isEmpty()
                || !arguments.optional(LiveParameters.GENERATION).equals(Optional.of(current.generation()))) {
            return false;
        }
        long position = io.millrace.schemas.Lsn.parse(after.get()).value();
        // The topic says within a moment which epoch that was.
        if (now.position() < position || !isTailReady(now)) {
            throw new ChangeReader.Behind();
        }
        OptionalLong at = reader.tail().keys().epochAt(position);
        if (at.isEmpty() || !reader.tail().keys().covers(at.getAsLong())) {
            return false;
        }
        epoch = at.getAsLong();
        changedEpoch = at.getAsLong();
        told.has(after.get());
        return true;
    }

    /** Whether the topic tells of everything after the tables' state. */
    private boolean isTailReady(Applied now) {
        ChangedKeys keys = reader.tail().keys();
        try {
            return keys.await(now.epoch(), 0) && keys.covers(now.epoch());
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Says what the view is. Rows follow, or what changed in those that the client has. */
    private Message begin(Relation current, Applied now, boolean resumed) {
        RowQuery wanted = query(current);
        if (!isTailReady(now)) {
            throw new ChangeReader.Behind();
        }
        query = wanted;
        cursor = null;
        sendingRows = !resumed;
        consistent = false;
        if (!resumed) {
            visible.begin();
        }
        return told.begin(current, resumed);
    }

    private Message page(RowQuery followed, Applied now, boolean first) {
        Relation relation = followed.relation();
        String from = cursor;
        Page page = views.page(
                from == null
                        ? followed
                        : followed.after(Cursor.parse(
                                from,
                                relation,
                                followed.fingerprint(),
                                followed.order().columns().size())),
                now,
                reader.pool());
        if (page.oid() != relation.oid()) {
            throw new State.Replaced();
        }
        // A page that was kept is as good at the position that is applied now.
        boolean newer = page.epoch() >= now.epoch();
        if (first) {
            epoch = newer ? page.epoch() : now.epoch();
            changedEpoch = Objects.requireNonNull(page.changedEpoch());
        }
        if (!visible.isAll()) {
            JSON.readTree("[" + new String(page.rows(), StandardCharsets.UTF_8) + "]")
                    .forEach(row -> visible.add(row.path("key").asString()));
        }
        sendingRows = page.more();
        cursor = page.next().orElse(null);
        excludedRows = page.excludedRows();
        // One page is one state.
        consistent = first && !page.more();
        return consistent
                ? told.state(
                        epoch,
                        newer ? page.lsn() : now.lsn(),
                        newer ? page.committedAt() : now.committedAt(),
                        excludedRows,
                        page.rows(),
                        List.of())
                : told.part(excludedRows, page.rows());
    }

    private @Nullable Message changes(RowQuery followed, Applied now) {
        Changes changes = reader.read(followed, epoch, changedEpoch, now);
        if (changes.whole()) {
            return begin(followed.relation(), now, false);
        }
        List<String> deletes =
                changes.missing().stream().filter(visible::remove).toList();
        changes.upserted().forEach(visible::add);
        State state = changes.state();
        boolean news = changes.upserts().length > 0
                || !deletes.isEmpty()
                || !consistent
                || state.excludedRows() != excludedRows;
        epoch = state.epoch();
        changedEpoch = state.changedEpoch();
        excludedRows = state.excludedRows();
        consistent = true;
        return news
                ? told.state(epoch, state.lsn(), state.committedAt(), excludedRows, changes.upserts(), deletes)
                : null;
    }

    private Message progress(Applied now) {
        epoch = now.epoch();
        return told.progress(now);
    }

    private @Nullable Message behind() {
        if (behindSince == 0) {
            behindSince = System.nanoTime();
        }
        if (System.nanoTime() - behindSince > BEHIND_LIMIT.toNanos()) {
            String why = reader.tail().trouble();
            throw new Problem(
                    Problem.Kind.UNAVAILABLE,
                    why.isEmpty() ? "the gateway has not read so far yet what changes" : why,
                    "wait: it goes on by itself; 'millrace doctor' says what is wrong");
        }
        return null;
    }
}
